export { type BehaviourName, behaviourNames } from './behaviours/behaviours.ts';
export { defaultEdge, type EdgeOptions, maxEdgePerMinute } from './planted_edge.ts';
export { type ProfileName, profileNames, profiles } from './profile.ts';
export { SyntheticSession, type SyntheticSessionOptions, syntheticInstrumentId } from './session.ts';
export { type TruthEvent, type TruthKind, type TruthScale, truthLine } from './truth.ts';
