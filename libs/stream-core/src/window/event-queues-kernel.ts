import type { Callable, FunctionCode } from '../wasm/function-code.js';
import type { ModuleCode } from '../wasm/module-code.js';
import { f64, i32 } from '../wasm/value.js';
import type { F64, I32, Local } from '../wasm/value.js';
import { endsAt, endsWords, nodeAt, nodeWords, queueCounterAt } from './event-queues.js';
import type { QueueKind } from './event-queues.js';

/** Functions of a module over the arrays of an `EventQueues`; all take the addresses of its counters, nodes and ends, then a key's id. */
export interface QueueKernels {
  /** enter(counters, nodes, ends, id, n, value, ts), in order and finite; room must have been reserved. @returns the address of the event's node where it is the key's oldest; else 0: the answer stays. */
  readonly enter: Callable;
  /** leave(counters, nodes, ends, id, bound): nodes dated at or before it. @returns the address of the oldest node left, that of node 0 when there is none; 0 when no node left: the answer stays. */
  readonly leave: Callable;
}

const nodeBytes = 4 * nodeWords;

/** Loads a line that the kernels go through for one key. */
type QueueTouch = (code: FunctionCode, nodes: I32, ends: I32, id: I32) => void;
const touchEnds: QueueTouch = (code, _, ends, id) => code.touch(i32.load(endsOf(ends, id)));
/** The line of the node so many before the newest. */
const touchBefore = (steps: number): QueueTouch => (code, nodes, ends, id) => code.touch(i32.load(nodeOf(nodes, nodeBefore(nodes, endsOf(ends, id), steps))));
/** Nodes that an event looks at before one stays: seldom more. */
const nodesAhead = 3;

/** What is loaded before it is needed, a step for each link in the chain: many keys at once. */
export const queueTouches: Readonly<Record<'enter' | 'leave', readonly QueueTouch[]>> = { enter: [touchEnds, ...Array.from({ length: nodesAhead }, (_, steps) => touchBefore(steps))], leave: [touchEnds] };

/** The kernels of `EventQueues` for events in order, equal to its methods. */
export function writeQueueKernels(module: ModuleCode<string>, kind: QueueKind): QueueKernels {
  const unlink = module.function(['i32', 'i32', 'i32', 'i32'], undefined, writeUnlink);
  return {
    enter: module.function(['i32', 'i32', 'i32', 'i32', 'i32', 'f64', 'f64'], 'i32', (code) => writeEnter(code, kind)),
    leave: module.function(['i32', 'i32', 'i32', 'i32', 'f64'], 'i32', (code) => writeLeave(code, unlink)),
  };
}

function nodeOf(nodes: I32, node: I32): I32 { return i32.add(nodes, i32.mul(node, i32.of(nodeBytes))); }
function endsOf(ends: I32, id: I32): I32 { return i32.add(ends, i32.mul(id, i32.of(4 * endsWords))); }
function newestOf(ends: I32): I32 { return i32.load(ends, 4 * endsAt.newest); }
function nodeBefore(nodes: I32, ends: I32, steps: number): I32 { return steps === 0 ? newestOf(ends) : i32.load(nodeOf(nodes, nodeBefore(nodes, ends, steps - 1)), 4 * nodeAt.before); }
function beginWith(code: FunctionCode, ends: I32, node: I32, ts: F64): void {
  code.store(ends, node, 4 * endsAt.oldest);
  code.storeF64(ends, ts, 4 * endsAt.oldestTs);
}

/** unlink(counters, nodes, ends of the key, node) */
function writeUnlink(code: FunctionCode): void {
  const [counters, nodes, ends, node] = [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32')];
  const at = code.local('i32', nodeOf(nodes, node));
  const before = code.local('i32', i32.load(at, 4 * nodeAt.before));
  const after = code.local('i32', i32.load(at, 4 * nodeAt.after));
  code.if(before, () => code.store(nodeOf(nodes, before), after, 4 * nodeAt.after), () => beginWith(code, ends, after, f64.load(nodeOf(nodes, after), 4 * nodeAt.ts)));
  code.if(after, () => code.store(nodeOf(nodes, after), before, 4 * nodeAt.before), () => code.store(ends, before, 4 * endsAt.newest));
  free(code, counters, nodes, node);
}

/** A node is there to be taken again. */
function free(code: FunctionCode, counters: I32, nodes: I32, node: I32): void {
  code.store(nodeOf(nodes, node), i32.load(counters, 4 * queueCounterAt.free), 4 * nodeAt.after);
  code.store(counters, node, 4 * queueCounterAt.free);
}

function writeEnter(code: FunctionCode, kind: QueueKind): I32 {
  const [counters, nodes, allEnds, id, n] = [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32'), code.param(4, 'i32')];
  const [value, ts] = [code.param(5, 'f64'), code.param(6, 'f64')];
  const ends = code.local('i32', endsOf(allEnds, id));
  const last = code.local('i32', newestOf(ends));
  const node = code.local('i32');
  if (kind !== 'first') {
    code.while(last, (leave) => {
      const at = code.local('i32', nodeOf(nodes, last));
      if (kind !== 'latest') code.leaveUnless(dominates(kind, value, f64.load(at, 4 * nodeAt.value)), leave);
      // What is useless now leaves from the end. The last to go makes room for the new one, which lies there anyway.
      code.if(node, () => free(code, counters, nodes, node));
      code.set(node, last);
      code.set(last, i32.load(at, 4 * nodeAt.before));
    });
  }
  code.if(i32.eqz(node), () => {
    code.set(node, i32.load(counters, 4 * queueCounterAt.free));
    code.if(node, () => code.store(counters, i32.load(nodeOf(nodes, node), 4 * nodeAt.after), 4 * queueCounterAt.free), () => {
      code.set(node, i32.load(counters, 4 * queueCounterAt.used));
      code.store(counters, i32.add(node, i32.of(1)), 4 * queueCounterAt.used);
    });
  });
  const at = code.local('i32', nodeOf(nodes, node));
  code.store(at, n, 4 * nodeAt.event);
  code.store(at, last, 4 * nodeAt.before);
  code.store(at, i32.of(0), 4 * nodeAt.after);
  code.storeF64(at, value, 4 * nodeAt.value);
  code.storeF64(at, ts, 4 * nodeAt.ts);
  code.store(ends, node, 4 * endsAt.newest);
  code.if(last, () => {
    code.store(nodeOf(nodes, last), node, 4 * nodeAt.after);
    code.return(i32.of(0));
  });
  beginWith(code, ends, node, ts);
  return at;
}

/** Does a later event with this value make an earlier one useless? Both finite. */
function dominates(kind: 'min' | 'max', later: F64, earlier: F64): I32 { return kind === 'min' ? f64.le(later, earlier) : f64.ge(later, earlier); }

function writeLeave(code: FunctionCode, unlink: Callable): I32 {
  const [counters, nodes, allEnds, id] = [code.param(0, 'i32'), code.param(1, 'i32'), code.param(2, 'i32'), code.param(3, 'i32')];
  const bound: Local<'f64'> = code.param(4, 'f64');
  const ends = code.local('i32', endsOf(allEnds, id));
  const first = code.local('i32', i32.load(ends, 4 * endsAt.oldest));
  const left = code.local('i32');
  code.while(first, (leave) => {
    code.jumpIf(f64.gt(f64.load(ends, 4 * endsAt.oldestTs), bound), leave);
    code.call(unlink, counters, nodes, ends, first);
    code.set(first, i32.load(ends, 4 * endsAt.oldest));
    code.set(left, nodeOf(nodes, first));
  });
  return left;
}
