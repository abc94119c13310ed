/** A colour as sRGB bytes. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Linear-light sRGB of an OKLab colour; components outside [0, 1] are outside the gamut (Ottosson 2020). */
function linearRgb(lightness: number, a: number, b: number): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

const inGamut = (rgb: readonly number[]) => rgb.every((value) => value >= -1e-4 && value <= 1 + 1e-4);

function encode(linear: number): number {
  const value = Math.min(Math.max(linear, 0), 1);
  return Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
}

/**
 * sRGB bytes of an OKLCH colour (lightness 0 to 1, chroma 0 to about 0.37, hue in degrees). A colour that sRGB cannot
 * show keeps lightness and hue and loses chroma, so ramps of lightness stay even.
 */
export function oklch(lightness: number, chroma: number, hueDeg: number): Rgb {
  const hue = (hueDeg * Math.PI) / 180;
  const at = (c: number) => linearRgb(lightness, c * Math.cos(hue), c * Math.sin(hue));
  let rgb = at(chroma);
  if (!inGamut(rgb)) {
    let inside = 0;
    let outside = chroma;
    for (let step = 0; step < 20; step++) {
      const middle = (inside + outside) / 2;
      if (inGamut(at(middle))) inside = middle;
      else outside = middle;
    }
    rgb = at(inside);
  }
  return [encode(rgb[0]), encode(rgb[1]), encode(rgb[2])];
}

/** Relative luminance of sRGB bytes (WCAG 2.2). */
export function luminance([red, green, blue]: Rgb): number {
  const linear = (byte: number) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2). */
export function contrast(first: Rgb, second: Rgb): number {
  const [dark, light] = [luminance(first), luminance(second)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
