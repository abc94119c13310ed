#version 300 es
// A pixel takes the colour of its texel, and is hatched as that says. The hatching stays in its place on the page.
precision highp float;
precision highp sampler2D;

uniform sampler2D texels;    // a ring along both axes, which repeats
uniform vec2 inverseSize;
uniform vec2 place;          // in the ring, of the middle of the texel that the origin lies in
uniform vec2 originFraction; // of a bin and a tick
uniform vec2 step;           // bins and ticks per pixel
uniform float heightPx;
uniform vec3 hatchColour;
uniform float hatchPx;
uniform vec3 hatchSpacings;  // of no bins, of bins not received, of invalid books, in CSS pixels
uniform vec3 hatchStrengths;

out vec4 colour;

bool onHatch(float spacing) {
  return mod(gl_FragCoord.x + gl_FragCoord.y, spacing * hatchPx) < hatchPx;
}

void main() {
  // The texel under the pixel's middle; the price falls down the page.
  vec2 px = vec2(gl_FragCoord.x - 0.5, heightPx - gl_FragCoord.y - 0.5);
  float column = step.x <= 1.0 ? floor(originFraction.x + px.x * step.x + 0.5 * step.x) : px.x;
  float row = step.y <= 1.0 ? floor(originFraction.y - px.y * step.y + 0.5 - 0.5 * step.y) : -px.y;
  vec4 texel = texture(texels, (place + vec2(column, row)) * inverseSize);
  colour = vec4(texel.rgb, 1.0);
  if (texel.a < 0.5) {
    int hatching = int(texel.a * 255.0 + 0.5);
    if (onHatch(hatchSpacings[hatching])) colour.rgb = mix(texel.rgb, hatchColour, hatchStrengths[hatching]);
  }
}
