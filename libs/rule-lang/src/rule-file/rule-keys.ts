/** The keys of a rule file with their meaning in a line: for checks, completion and hover. */
export const ruleKeys = {
  rule: 'name of the rule, kebab-case, same as the file name',
  title: 'what analysts see',
  description: 'the fraud it catches, and why',
  owner: 'team that answers for it',
  on: 'event types that trigger it: one name or a list',
  by: 'key: one field or a list; default key of every window',
  severity: 'low, medium, high or critical',
  score: '0 to 100, adds to the decision score',
  action: 'none, review, challenge or block: what a decision asked in line is told',
  reason: 'sentence for analysts; {name} shows a field, a `let`, step.field or step.count',
  let: 'named sub-expressions, shown in the explanation',
  when: 'condition on the triggering event and its windows',
  sequence: 'steps that must follow each other',
  window: 'tumbling, hopping or session windows',
  having: 'condition on a window of a window rule',
  tests: 'events and the alerts they must give',
} as const;

export const sequenceKeys = {
  within: 'first to last event strictly less than this apart',
  steps: 'the steps in order; the first key of each is its contiguity, the value its name',
  afterMatch: 'which matches become alerts: eachEnd (default), noSkip, skipToNext, skipPastLastEvent, skipToFirst, skipToLast',
} as const;

export const contiguityKeys = {
  begin: 'the first step',
  next: 'the very next event of the stream',
  followedBy: 'the first fitting event later on',
  followedByAny: 'every fitting event later on',
  notNext: 'the next event is not such a one',
  notFollowedBy: 'no such event up to the next step, or up to the end of the time',
} as const;

export const stepKeys = {
  on: 'event types of this step',
  where: 'condition on the candidate event',
  times: 'how many: "3", "2..5", "3.."',
  optional: 'the step may be left out',
  greedy: 'an event that fits cannot be left to the next step',
  until: 'ends an open `times`',
  consecutive: 'its own events follow each other directly',
  allowCombinations: 'its own events may be any of those that fit',
  within: 'each event it takes is less than this after the one taken before',
} as const;

export const windowKeys = {
  tumble: 'windows of this length, one after the other',
  hop: 'windows of `size`, one every `every`',
  session: 'events less than `gap` apart belong together',
} as const;

export const testKeys = {
  name: 'what the test shows, as a sentence',
  start: 'time of offset 0; 2026-01-05T00:00:00Z if left out',
  evaluation: 'arrival or watermark; both if left out',
  lists: 'named lists with their values',
  models: 'model scores',
  events: 'events in order of arrival: id, at (offset), type, fields',
  alerts: 'ids of the triggering events; or { event, at }, or { key, end } for a window',
} as const;
