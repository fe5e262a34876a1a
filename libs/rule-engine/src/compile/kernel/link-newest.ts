import { f64, i32 } from '@weir/stream-core';
import type { F64, FunctionCode, I32, Local } from '@weir/stream-core';
import type { KernelPlaces } from './kernel-places.js';

/** An event just written to log `l`: its place in the columns, its number, how many were appended with it. */
export interface Newest { readonly l: number; readonly at: I32; readonly n: I32; readonly appended: F64 }

/** It becomes the newest of its key, whose cell lies at `cell`, in a chain that has 0 before it: see `SharedLog.link`, in order. */
export function linkNewest(code: FunctionCode, places: KernelPlaces, { l, at, n, appended }: Newest, chain: number, cell: Local<'i32'>): void {
  const distance = code.local('f64', f64.sub(appended, f64.load(cell)));
  const length = f64.ofI32(i32.add(i32.sub(n, places.word(`log${l}.first`)), i32.of(1)));
  code.if(i32.and(f64.ne(f64.load(cell), f64.of(0)), f64.lt(distance, length)), () => code.store(places.at4(`log${l}.previous${chain}`, at), f64.toI32(distance)));
  code.storeF64(cell, appended);
}
