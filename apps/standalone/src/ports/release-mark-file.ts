import { readFile, rename, writeFile } from 'node:fs/promises';
import { ReleasedRule } from '@weir/contracts';
import type { ReleaseMark, ReleaseMarkStore } from '@weir/pipeline';
import { z } from 'zod';

const Mark = z.object({
  seenSeq: z.number().int().nonnegative(),
  release: z.object({ seq: z.number().int().positive(), draft: z.object({ schemaText: z.string(), rules: z.array(ReleasedRule) }) }).optional(),
});

/** The mark in a small file, replaced as a whole. When it is lost, the log is read from its start instead. */
export function releaseMarkFile(path: string): ReleaseMarkStore {
  return {
    load: async (): Promise<ReleaseMark | undefined> => {
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined) return undefined;
      try {
        return Mark.safeParse(JSON.parse(text)).data;
      } catch {
        return undefined; // not JSON: as good as lost
      }
    },
    save: async (mark) => {
      await writeFile(`${path}.tmp`, JSON.stringify(mark), { mode: 0o600, flush: true });
      await rename(`${path}.tmp`, path);
    },
  };
}
