/** What each word of the expression language does, in a line: for completion, hover and the reference page. */
export interface WordMeaning { readonly label: string; readonly kind: 'function' | 'aggregate' | 'span' | 'method'; readonly insert: string; readonly detail: string }

const span = (label: string, insert: string, detail: string): WordMeaning => ({ label, kind: 'span', insert, detail });
const aggregate = (label: string, insert: string, detail: string): WordMeaning => ({ label, kind: 'aggregate', insert, detail });
const fn = (label: string, insert: string, detail: string): WordMeaning => ({ label, kind: 'function', insert, detail });
const method = (label: string, insert: string, detail: string): WordMeaning => ({ label, kind: 'method', insert, detail });

export const windowMeanings: readonly WordMeaning[] = [
  span('last', 'last("10m")', 'events less than this old, this one included'),
  span('before', 'before("30d")', 'events less than this old, this one left out'),
  span('between', 'between("14d", "7d")', 'events from the first to the second age'),
  span('since', 'since("day", "UTC")', 'events since the day, week, month or year began there'),
  span('lastEvents', 'lastEvents(5)', 'the last events up to this one'),
  span('of', 'of()', 'counts events of these types'),
  span('by', 'by()', 'counts events with the same value in these fields'),
  span('where', 'where()', 'counts only events for which this is true'),
];

export const aggregateMeanings: readonly WordMeaning[] = [
  aggregate('count', 'count()', 'how many events; count(cond): how many for which it is true'),
  aggregate('sum', 'sum()', 'exact sum; 0 of none'),
  aggregate('avg', 'avg()', 'exact mean; unknown of none'),
  aggregate('min', 'min()', 'least value; unknown of none'),
  aggregate('max', 'max()', 'greatest value; unknown of none'),
  aggregate('stddev', 'stddev()', 'sample standard deviation; unknown below two values'),
  aggregate('distinct', 'distinct()', 'how many different values'),
  aggregate('first', 'first()', 'value of the earliest event that has it'),
  aggregate('latest', 'latest()', 'value of the latest event that has it'),
  aggregate('share', 'share()', 'true among true and false, 0 to 1; unknown of none'),
  aggregate('exists', 'exists()', 'whether it is true of any event'),
];

export const functionMeanings: readonly WordMeaning[] = [
  fn('has', 'has()', 'whether the field is there; never unknown'),
  fn('first_seen', 'first_seen(, "30d")', 'no earlier event of the key has this value'),
  fn('list', 'list("")', 'a named list: x in list("name")'),
  fn('model', 'model("")', 'score of this event by the model'),
  fn('distance_km', 'distance_km(, )', 'kilometres between two places'),
  fn('duration', 'duration("1h")', 'a span as a value'),
  fn('timestamp', 'timestamp("")', 'a point in time'),
  fn('abs', 'abs()', 'without its sign'),
  fn('min', 'min(, )', 'the lesser of two'),
  fn('max', 'max(, )', 'the greater of two'),
  fn('double', 'double()', 'nearest IEEE double of a number or a text: gives up exactness'),
  fn('size', 'size()', 'characters of a text, items of a list'),
];

export const methodMeanings: readonly WordMeaning[] = [
  method('orValue', 'orValue()', 'a default for an unknown value'),
  method('size', 'size()', 'characters of a text'),
  method('contains', 'contains("")', 'whether the text holds another'),
  method('startsWith', 'startsWith("")', 'whether the text begins with another'),
  method('endsWith', 'endsWith("")', 'whether the text ends with another'),
  method('matches', 'matches("")', 'whether a part of the text matches a pattern (RE2)'),
  method('lowerAscii', 'lowerAscii()', 'A to Z in small letters'),
  method('getHours', 'getHours("UTC")', 'hour of the day there, 0 to 23; of a duration: its whole hours'),
  method('getMinutes', 'getMinutes("UTC")', 'minute of the hour, 0 to 59; of a duration: its whole minutes'),
  method('getSeconds', 'getSeconds()', 'second of the minute, 0 to 59; of a duration: its whole seconds'),
  method('getMilliseconds', 'getMilliseconds()', 'millisecond of the second, 0 to 999; of a duration: the milliseconds beyond whole seconds'),
  method('getDayOfWeek', 'getDayOfWeek("UTC")', '0 is Sunday'),
  method('getDate', 'getDate("UTC")', 'day of the month from 1'),
  method('getDayOfMonth', 'getDayOfMonth("UTC")', 'day of the month from 0'),
  method('getDayOfYear', 'getDayOfYear("UTC")', 'day of the year from 0'),
  method('getMonth', 'getMonth("UTC")', 'month from 0'),
  method('getFullYear', 'getFullYear("UTC")', 'the year'),
];
