export { type ProfileName, profileNames, profiles } from './profile.ts';
export { SyntheticSession, type SyntheticSessionOptions, syntheticInstrumentId } from './session.ts';
