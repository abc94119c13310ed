#version 300 es
// A texel looks up the bins and ticks that it covers and takes the colour of their largest value, or of their mean; its alpha says how
// it is hatched. It is a bin wide, or a pixel where that is wider, and a tick or a pixel high: heatmap_pixels.frag.glsl makes pixels of it.
// Positions come as whole and fractional parts: a float cannot count the bins of a day. viewport/colour_scale.ts computes the same colour.
//
// Textures: `bins` holds (sequence number, lowest tick, flags) of each bin and `cells` its values; `blocks` and `pairs`
// hold the same for blocks of many bins, with the largest value or the sum of each tick, and the number of bins. The book
// beyond the window lies in columns of their own: `recent…` have one a bin, `sample…` one every `sampleBins`.
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp isampler2D;

uniform isampler2D bins;
uniform sampler2D cells;
uniform isampler2D blocks;
uniform sampler2D pairs;
uniform sampler2D colours;
uniform isampler2D recentColumns;
uniform sampler2D recentSizes;
uniform isampler2D sampleColumns;
uniform sampler2D sampleSizes;

uniform ivec2 origin;        // whole part of the position at the top left: bin, tick
uniform vec2 originFraction;
uniform vec2 step;           // bins and ticks per pixel
uniform ivec2 shift;         // from a place in the ring to a bin and tick, or to the pixel right of and above the top left
uniform int rows;
uniform int blockRows;        // a power of two
uniform int binCapacity;
uniform int binWidth;        // columns side by side in each texture; more of them lie below each other
uniform int cellWidth;
uniform int blockBins;       // 1: draw from the bins themselves
uniform int blockCapacity;
uniform int blockWidth;
uniform int pairWidth;
uniform int bookSides;       // of the book beyond the window: 0 nothing, 1 both sides, 2 bids, 3 asks
uniform int bookRows;
uniform int bookColumns;     // in each of the two rings
uniform int bookRecordWidth;
uniform int bookWidth;
uniform int sampleBins;

uniform int kind;            // 0 diverging or states, 1 sequential
uniform int asMean;          // 1: the mean stands for many values, 0: the largest
uniform vec4 scale;          // low, high, gamma, contrast
uniform vec3 noDataColour;
uniform vec3 outsideColour;
uniform int newestSeq;        // of all bins that were ever received

out vec4 colour;

const int noTick = -2147483648;
const int binHasInvalidBook = 1;
const int blockOverflow = 2;

// The largest value or the sum of `count` values, and whether any bin below the pixel is held, or has an invalid book.
struct Found { float value; float count; bool held; bool invalid; };

void take(inout Found found, float value, float count) {
  if (count == 0.0 || isnan(value)) return;
  found.value = found.count == 0.0 ? value : asMean == 1 ? found.value + value : max(found.value, value);
  found.count += count;
}

void takeBin(inout Found found, int seq, int firstTick, int endTick) {
  if (seq < 0) return;
  int slot = seq % binCapacity;
  ivec4 bin = texelFetch(bins, ivec2(slot % binWidth, slot / binWidth), 0);
  if (bin.x != seq) return;
  found.held = true;
  if ((bin.z & binHasInvalidBook) != 0) found.invalid = true;
  if (bin.y == noTick) return;
  int firstRow = max(firstTick - bin.y, 0);
  int endRow = min(endTick - bin.y, rows);
  ivec2 at = ivec2(slot % cellWidth, slot / cellWidth * rows);
  for (int row = firstRow; row < endRow; row++) {
    float value = texelFetch(cells, ivec2(at.x, at.y + row), 0).r;
    take(found, value, 1.0);
  }
}

void takeBlock(inout Found found, int block, int firstTick, int endTick) {
  if (block < 0) return;
  int slot = block % blockCapacity;
  ivec4 extent = texelFetch(blocks, ivec2(slot % blockWidth, slot / blockWidth), 0);
  if (extent.x != block) return;
  found.held = true;
  if ((extent.w & binHasInvalidBook) != 0) found.invalid = true;
  if ((extent.w & blockOverflow) != 0) {
    for (int seq = block * blockBins; seq < (block + 1) * blockBins; seq++) takeBin(found, seq, firstTick, endTick);
    return;
  }
  int first = max(firstTick, extent.y);
  int end = min(endTick, extent.z);
  ivec2 at = ivec2(slot % pairWidth, slot / pairWidth * blockRows);
  // Ticks may be negative: % of a negative number is undefined here, & of two's complement is not.
  for (int tick = first; tick < end; tick++) {
    vec2 pair = texelFetch(pairs, ivec2(at.x, at.y + (tick & (blockRows - 1))), 0).rg;
    take(found, pair.x, pair.y);
  }
}

void takeColumn(inout Found found, ivec4 column, sampler2D sizes, int slot, int firstTick, int endTick) {
  int middle = column.y + bookRows / 2;
  int first = max(firstTick, bookSides == 3 ? middle : column.y);
  int end = min(endTick, bookSides == 2 ? middle : column.y + bookRows);
  ivec2 at = ivec2(slot % bookWidth, slot / bookWidth * bookRows - column.y);
  for (int tick = first; tick < end; tick++) take(found, texelFetch(sizes, ivec2(at.x, at.y + tick), 0).r, 1.0);
}

// The book at a bin, or at the one that stands for its stretch.
void takeBook(inout Found found, int seq, int firstTick, int endTick) {
  if (seq < 0) return;
  int slot = seq % bookColumns;
  ivec4 column = texelFetch(recentColumns, ivec2(slot % bookRecordWidth, slot / bookRecordWidth), 0);
  if (column.x == seq) {
    takeColumn(found, column, recentSizes, slot, firstTick, endTick);
    return;
  }
  int stretch = seq / sampleBins;
  slot = stretch % bookColumns;
  column = texelFetch(sampleColumns, ivec2(slot % bookRecordWidth, slot / bookRecordWidth), 0);
  if (column.x == stretch) takeColumn(found, column, sampleSizes, slot, firstTick, endTick);
}

float strengthOf(float size) {
  float share = clamp((size - scale.x) / (scale.y - scale.x), 0.0, 1.0);
  float lifted = share <= 0.0 ? 0.0 : pow(share, scale.z);
  float rising = lifted <= 0.0 ? 0.0 : pow(lifted, scale.w);
  float falling = lifted >= 1.0 ? 0.0 : pow(1.0 - lifted, scale.w);
  return rising / (rising + falling);
}

vec3 colourOf(Found found) {
  float value = asMean == 1 ? found.value / found.count : found.value;
  if (kind == 1) return texelFetch(colours, ivec2(int(floor(strengthOf(value) * 254.0 + 0.5)), 0), 0).rgb;
  int index = 127 + int(sign(value)) * int(floor(strengthOf(abs(value)) * 127.0 + 0.5));
  return texelFetch(colours, ivec2(index, 0), 0).rgb;
}

void main() {
  ivec2 texel = ivec2(gl_FragCoord.xy) + shift;
  int firstSeq = texel.x;
  int endSeq = texel.x + 1;
  if (step.x > 1.0) {
    float from = originFraction.x + float(texel.x) * step.x;
    firstSeq = origin.x + int(floor(from + 1e-4));
    endSeq = origin.x + int(ceil(from + step.x - 1e-4));
  }
  // Tick t covers [t - 1/2, t + 1/2).
  int firstTick = texel.y;
  int endTick = texel.y + 1;
  if (step.y > 1.0) {
    float high = originFraction.y + float(texel.y) * step.y + 0.5;
    firstTick = origin.y + int(floor(high - step.y + 1e-4));
    endTick = origin.y + int(ceil(high - 1e-4));
  }

  Found found = Found(0.0, 0.0, false, false);
  if (blockBins == 1) {
    for (int seq = firstSeq; seq < endSeq; seq++) takeBin(found, seq, firstTick, endTick);
  } else if (endSeq > 0) {
    int lastBlock = (endSeq - 1) / blockBins;
    for (int block = max(firstSeq, 0) / blockBins; block <= lastBlock; block++) {
      takeBlock(found, block, firstTick, endTick);
    }
  }
  if (bookSides != 0 && found.held && found.count == 0.0) takeBook(found, (firstSeq + endSeq - 1) / 2, firstTick, endTick);
  vec3 shade = found.count > 0.0 ? colourOf(found) : found.held ? outsideColour : noDataColour;
  int hatching = !found.held ? (endSeq <= 0 || firstSeq > newestSeq ? 0 : 1) : found.invalid ? 2 : 255;
  colour = vec4(shade, float(hatching) / 255.0);
}
