import type { Rgb } from '../../web/shared/colour/oklab.ts';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

export const visions = ['normal', 'deuteranopia', 'protanopia'] as const;
export type Vision = (typeof visions)[number];

/** Simulated dichromacy on linear sRGB at severity 1 (Machado, Oliveira and Fernandes 2009). */
const dichromacy: Readonly<Record<Exclude<Vision, 'normal'>, Matrix>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

const xyzOfRgb: Matrix = [
  [41.239, 35.758, 18.048],
  [21.264, 71.517, 7.219],
  [1.933, 11.919, 95.053],
];
const cat02: Matrix = [
  [0.7328, 0.4296, -0.1624],
  [-0.7036, 1.6975, 0.0061],
  [0.003, 0.0136, 0.9834],
];
const hpe: Matrix = [
  [0.38971, 0.68898, -0.07868],
  [-0.22981, 1.1834, 0.04641],
  [0, 0, 1],
];
const inverseCat02: Matrix = [
  [1.096124, -0.278869, 0.182745],
  [0.454369, 0.473533, 0.072098],
  [-0.009628, -0.005698, 1.015326],
];

const dot = (row: Triple, v: Triple) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2];
const times = (m: Matrix, v: Triple): Triple => [dot(m[0], v), dot(m[1], v), dot(m[2], v)];
const map = (v: Triple, each: (value: number) => number): Triple => [each(v[0]), each(v[1]), each(v[2])];

const linear = (byte: number) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);

/** Viewing conditions of sRGB: white D65, a grey of 20 around, 64 lux, an average surround. */
const white: Triple = [95.047, 100, 108.883];
const adaptingLuminance = 64 / Math.PI / 5;
const [surroundF, surroundC, surroundN] = [1, 0.69, 1];
const k4 = (1 / (5 * adaptingLuminance + 1)) ** 4;
const fl = 0.2 * k4 * (5 * adaptingLuminance) + 0.1 * (1 - k4) ** 2 * Math.cbrt(5 * adaptingLuminance);
const backgroundN = 20 / 100;
const [nbb, z] = [0.725 * (1 / backgroundN) ** 0.2, 1.48 + Math.sqrt(backgroundN)];
const adaptation = surroundF * (1 - (1 / 3.6) * Math.exp((-adaptingLuminance - 42) / 92));

function compressed(xyz: Triple): Triple {
  const [r, g, b] = times(cat02, xyz);
  const of = times(cat02, white);
  const adapted: Triple = [
    r * ((100 / of[0]) * adaptation + 1 - adaptation),
    g * ((100 / of[1]) * adaptation + 1 - adaptation),
    b * ((100 / of[2]) * adaptation + 1 - adaptation),
  ];
  return map(times(hpe, times(inverseCat02, adapted)), (value) => {
    const power = ((fl * Math.abs(value)) / 100) ** 0.42;
    return (Math.sign(value) * 400 * power) / (power + 27.13) + 0.1;
  });
}

const achromatic = ([r, g, b]: Triple) => (2 * r + g + b / 20 - 0.305) * nbb;

/** J′, a′, b′ of XYZ (white at Y = 100) in CAM02-UCS (Luo, Cui and Li 2006). */
export function cam02Ucs(xyz: Triple): Triple {
  const [r, g, b] = compressed(xyz);
  const a = r - (12 * g) / 11 + b / 11;
  const bb = (r + g - 2 * b) / 9;
  const hue = Math.atan2(bb, a);
  const lightness = 100 * (achromatic([r, g, b]) / achromatic(compressed(white))) ** (surroundC * z);
  const eccentricity = (Math.cos(hue + 2) + 3.8) / 4;
  const t = ((50_000 / 13) * surroundN * nbb * eccentricity * Math.hypot(a, bb)) / (r + g + (21 * b) / 20);
  const chroma = t ** 0.9 * Math.sqrt(lightness / 100) * (1.64 - 0.29 ** backgroundN) ** 0.73;
  const colourfulness = Math.log(1 + 0.0228 * chroma * fl ** 0.25) / 0.0228;
  return [(1.7 * lightness) / (1 + 0.007 * lightness), colourfulness * Math.cos(hue), colourfulness * Math.sin(hue)];
}

/** J′, a′, b′ of sRGB bytes as somebody with a colour vision sees them. */
export function seen(rgb: Rgb, vision: Vision): Triple {
  const light = map(rgb, linear);
  const simulated =
    vision === 'normal' ? light : map(times(dichromacy[vision], light), (v) => Math.min(1, Math.max(0, v)));
  return cam02Ucs(times(xyzOfRgb, simulated));
}

/** Distance of two colours in CAM02-UCS; about 1 is the least that is noticed side by side. */
export function distance(first: Rgb, second: Rgb, vision: Vision): number {
  const [a, b] = [seen(first, vision), seen(second, vision)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
