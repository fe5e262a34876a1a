import { readFile, rename, writeFile } from 'node:fs/promises';
import type { ReleaseMark, ReleaseMarkStore } from '@weir/pipeline';
import { z } from 'zod';

const Mark = z.object({ seenSeq: z.number().int().nonnegative(), releaseSeq: z.number().int().positive().optional() });

/** A hint in a small file: when it is lost or half written, the log is read from its start instead. */
export function releaseMarkFile(path: string): ReleaseMarkStore {
  return {
    load: async (): Promise<ReleaseMark | undefined> => {
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined) return undefined;
      try {
        return Mark.safeParse(JSON.parse(text)).data;
      } catch {
        return undefined; // not JSON: the hint is worth nothing
      }
    },
    save: async (mark) => {
      await writeFile(`${path}.tmp`, JSON.stringify(mark));
      await rename(`${path}.tmp`, path);
    },
  };
}
