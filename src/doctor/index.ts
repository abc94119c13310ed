export { examineLake, type Finding } from './doctor.ts';
