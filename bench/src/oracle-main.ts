import { serveRival } from '../rivals/rival-process.js';
import { definitionOf } from './engine-task.js';
import type { EngineTask } from './engine-task.js';
import { oracle } from './oracle.js';

/** The oracle as a program of the benchmark. Argument: its task as JSON. */
const task = JSON.parse(process.argv[2] ?? '') as EngineTask; // written by the harness
await serveRival(oracle(definitionOf(task), task.shape));
