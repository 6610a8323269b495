//! How a layer looks: what is drawn, in which colour, from which zoom.

use serde::{Deserialize, Serialize};

/// What is drawn for a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Draw {
    /// A circle.
    Circle,
    /// A line.
    Line,
    /// A filled polygon with its outline.
    Fill,
    /// The outline of a polygon.
    Outline,
    /// Whatever the geometry asks for.
    Any,
}

/// How a layer looks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// What is drawn.
    pub draw: Draw,
    /// The code field that gives colour, hatch and letter; its codes are the legend.
    #[serde(default)]
    pub by: Option<String>,
    /// Colour without `by`.
    pub color: String,
    /// Colour in the dark theme.
    #[serde(default)]
    pub dark: Option<String>,
    /// Width of lines in pixels.
    #[serde(default = "one")]
    pub width: f64,
    /// Radius of circles in pixels.
    #[serde(default = "four")]
    pub radius: f64,
    /// Least zoom at which it is drawn.
    #[serde(default)]
    pub min_zoom: f64,
    /// Least zoom of labels.
    #[serde(default)]
    pub label_zoom: Option<f64>,
    /// Opacity of filled areas; the common one when not said.
    #[serde(default)]
    pub opacity: Option<f64>,
    /// Whether a first visit shows it.
    #[serde(default = "yes")]
    pub shown: bool,
}

impl Default for Style {
    fn default() -> Self {
        Style {
            draw: Draw::Any,
            by: None,
            color: "#5d6560".to_owned(),
            dark: None,
            width: one(),
            radius: four(),
            min_zoom: 0.0,
            label_zoom: None,
            opacity: None,
            shown: true,
        }
    }
}

fn one() -> f64 {
    1.0
}

fn four() -> f64 {
    4.0
}

fn yes() -> bool {
    true
}
