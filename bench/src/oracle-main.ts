import { serveRival } from '../rivals/rival-process.js';
import { oracle } from './oracle.js';
import { benchDefinition } from './workload/definition.js';
import type { TrafficShape } from './workload/traffic.js';

/** The oracle as a program of the benchmark. Argument: the traffic's shape as JSON. */
const shape = JSON.parse(process.argv[2] ?? '') as TrafficShape; // written by the harness
await serveRival(oracle(benchDefinition(), shape));
