// Property tests draw the same cases on every run, so that a red run means a change. WEIR_PROPERTY_SEED=random explores
// new ones (fast-check prints the seed of what it finds); a number repeats a run.
import fc from 'fast-check';

const seed = process.env['WEIR_PROPERTY_SEED'] ?? '20261121';
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
