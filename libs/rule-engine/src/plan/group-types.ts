/** Event types by the log that holds their events. */
interface TypeGroups {
  readonly groups: readonly (readonly number[])[];
  /** Group of each type; -1: in none, because no window counts it. */
  readonly groupOf: readonly number[];
}

/** Types that some window counts together share a log, so that the order among them is the log's; others do not hold each other's events back. */
export function groupTypes(typeCount: number, sets: readonly (readonly number[])[]): TypeGroups {
  const groupOf = new Array<number>(typeCount).fill(-1);
  let groups: number[][] = [];
  for (const set of sets) {
    const touched = groups.filter((group) => group.some((type) => set.includes(type)));
    const joined = [...new Set([...touched.flat(), ...set])].sort((a, b) => a - b);
    groups = [...groups.filter((group) => !touched.includes(group)), joined];
  }
  groups.forEach((group, index) => { for (const type of group) groupOf[type] = index; });
  return { groups, groupOf };
}
