export * from './light.ts';
export { type ProjectionParams, projectFlowScore } from './projection.ts';
export { Spectrum, type SpectrumColumns, type SpectrumParams } from './spectrum.ts';
