import { serveRival } from '../rivals/rival-process.js';
import { measureCheckpoint } from './checkpoint.js';
import { engineFromBytes, engineFromColumns, startEngine } from './contenders.js';
import { definitionOf } from './engine-task.js';
import type { EngineTask } from './engine-task.js';
import { openLoop } from './latency.js';

/** The engine as a program of the benchmark. Argument: its task as JSON. Beyond the protocol it answers `stats`, `latency` and `checkpoint`. */
const task = JSON.parse(process.argv[2] ?? '') as EngineTask; // written by the harness
const definition = definitionOf(task);
const engine = startEngine(definition, task.shape);
const contender = task.from === 'bytes' ? engineFromBytes(engine) : engineFromColumns(engine);

function answer(verb: string, argument: string, lines: Uint8Array): unknown {
  switch (verb) {
    case 'stats': return { ...engine.stats(), rssMb: Math.round(process.memoryUsage().rss / 2 ** 20) };
    case 'latency':
      globalThis.gc?.(); // what reading the lines leaves is not collected meanwhile
      return openLoop(lines, Number(argument), contender.fill);
    case 'checkpoint': return measureCheckpoint(engine, definition, lines, contender.fill);
    default: throw new Error(`no such command: ${verb}`);
  }
}

await serveRival({ ...contender, answer });
