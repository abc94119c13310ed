import { notNull } from '../../../src/errors.ts';
/** Compiles and links a program; throws with the driver's words, which name the line. */
export function linkProgram(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = notNull(gl.createShader(type));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new Error(`Cannot compile the heatmap's shader: ${gl.getShaderInfoLog(shader)}`);
    }
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`Cannot link the heatmap's shader: ${gl.getProgramInfoLog(program)}`);
  }
  return program;
}

/** Locations of all uniforms of a program by name. */
export function uniformLocations(gl: WebGL2RenderingContext, program: WebGLProgram): Map<string, WebGLUniformLocation> {
  const locations = new Map<string, WebGLUniformLocation>();
  const count = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) as number;
  for (let index = 0; index < count; index++) {
    const name = notNull(gl.getActiveUniform(program, index)).name;
    locations.set(name, notNull(gl.getUniformLocation(program, name)));
  }
  return locations;
}

/** Gives a program its textures, unit by unit, by the names of their samplers. */
export function bindTextures(
  gl: WebGL2RenderingContext,
  uniforms: ReadonlyMap<string, WebGLUniformLocation>,
  textures: Readonly<Record<string, WebGLTexture>>,
): void {
  for (const [unit, [name, texture]] of Object.entries(textures).entries()) {
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.uniform1i(uniforms.get(name) ?? null, unit);
  }
}
