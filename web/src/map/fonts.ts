// Be Vietnam Pro for map labels: the bundled woff2 files, declared in the style's `font-faces`, so
// that no glyph server is asked. The order matters: the first file that covers a letter draws it.
import latin500 from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-500-normal.woff2?url';
import latin600 from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-600-normal.woff2?url';
import ext500 from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-ext-500-normal.woff2?url';
import ext600 from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-ext-600-normal.woff2?url';
import viet500 from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-500-normal.woff2?url';
import viet600 from '@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-600-normal.woff2?url';
import type { FontFacesSpecification } from 'maplibre-gl';

/** Font names for `text-font`. */
export const MEDIUM = 'Be Vietnam Pro Medium';
export const STRONG = 'Be Vietnam Pro SemiBold';

const VIETNAMESE = ['U+0102-0103', 'U+0110-0111', 'U+0128-0129', 'U+0168-0169', 'U+01A0-01A1', 'U+01AF-01B0', 'U+0300-0304', 'U+0308-0309', 'U+0323', 'U+0329', 'U+1EA0-1EF9', 'U+20AB'];
const LATIN = ['U+0000-00FF', 'U+0131', 'U+0152-0153', 'U+02BB-02BC', 'U+02C6', 'U+02DA', 'U+02DC', 'U+2000-206F', 'U+20AC', 'U+2122', 'U+2191', 'U+2193', 'U+2212', 'U+2215'];
const LATIN_EXT = ['U+0100-02BA', 'U+02BD-02C5', 'U+02C7-02CC', 'U+02CE-02D7', 'U+02DD-02FF', 'U+1D00-1E9F', 'U+1EF2-1EFF', 'U+2020', 'U+20A0-20C0', 'U+2113', 'U+2C60-2C7F'];

const face = (viet: string, latin: string, ext: string) => [
  { url: new URL(viet, location.href).href, 'unicode-range': VIETNAMESE },
  { url: new URL(latin, location.href).href, 'unicode-range': LATIN },
  { url: new URL(ext, location.href).href, 'unicode-range': LATIN_EXT },
];

/** The value of the style's `font-faces`. */
export const fontFaces = (): FontFacesSpecification => ({
  [MEDIUM]: face(viet500, latin500, ext500),
  [STRONG]: face(viet600, latin600, ext600),
}) as FontFacesSpecification;
