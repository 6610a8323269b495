//! Who is asking: the roles of a site and sets of them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A reader's or editor's role (design: accounts bind people to roles later).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Police analyst.
    Analyst,
    /// Planner of construction and infrastructure.
    Planner,
    /// Field officer.
    Officer,
    /// Leader following the scheme.
    Leader,
    /// Administrator of the site.
    Admin,
    /// Anyone; never reads internal data.
    Public,
}

impl Role {
    /// Every role, in a fixed order.
    pub const ALL: [Role; 6] =
        [Role::Analyst, Role::Planner, Role::Officer, Role::Leader, Role::Admin, Role::Public];

    /// The role's name as it stands in layer files and flags.
    pub fn name(self) -> &'static str {
        match self {
            Role::Analyst => "analyst",
            Role::Planner => "planner",
            Role::Officer => "officer",
            Role::Leader => "leader",
            Role::Admin => "admin",
            Role::Public => "public",
        }
    }

    /// Whether exact small counts of people (1 to 4) are shown to this role.
    pub fn sees_small_counts(self) -> bool {
        matches!(self, Role::Analyst | Role::Leader)
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Role::ALL.into_iter().find(|r| r.name() == s).ok_or_else(|| format!("unknown role {s:?}"))
    }
}

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Roles(u8);

impl Roles {
    /// No role.
    pub const NONE: Roles = Roles(0);
    /// Every role but the public.
    pub const INTERNAL: Roles = Roles(0b1_1111);

    /// Whether `role` is in the set.
    pub fn contains(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }

    /// The roles in both sets.
    #[must_use]
    pub fn and(self, other: Roles) -> Roles {
        Roles(self.0 & other.0)
    }

    /// The roles of the set, in the order of [`Role::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |r| self.contains(*r))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Roles(roles.into_iter().fold(0, |set, r| set | (1 << r as u8)))
    }
}
