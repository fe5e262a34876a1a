export { runVector } from './cep-vectors.js';
export type { Vector, VectorResult } from './cep-vectors.js';
