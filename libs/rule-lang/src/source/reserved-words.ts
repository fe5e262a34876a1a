/** Reserved by CEL's grammar: none can be a name. */
export const celKeywords: ReadonlySet<string> = new Set([
  'as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'namespace', 'null', 'package', 'return', 'true', 'var', 'void', 'while',
]);
/** Words that begin or join a window over events. */
export const spanWords = ['last', 'before', 'between', 'since', 'lastEvents'] as const;
export const windowWords = ['of', 'by', ...spanWords, 'where'] as const;
export const aggregateWords = ['count', 'sum', 'avg', 'min', 'max', 'stddev', 'distinct', 'first', 'latest', 'share', 'exists'] as const;
/** Functions that are called by name alone. */
export const functionWords = ['has', 'abs', 'min', 'max', 'double', 'distance_km', 'model', 'list', 'duration', 'timestamp', 'first_seen', 'size', 'matches'] as const;
export const getterWords = ['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'] as const;
/** Functions that are called on a value. */
export const methodWords = ['orValue', 'size', 'contains', 'startsWith', 'endsWith', 'matches', 'lowerAscii', ...getterWords] as const;
/** Fields of every event: no schema declares them, so none is personal. */
const builtInFields: ReadonlySet<string> = new Set(['id', 'type', 'ts']);

const ownWords: ReadonlySet<string> = new Set<string>(['previous', ...windowWords, ...aggregateWords, ...functionWords, ...methodWords]);
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether it is a field that every event has. */
export function isBuiltInField(name: string): boolean { return builtInFields.has(name); }

export function isIdentifier(text: string): boolean {
  return text.length <= 100 && IDENTIFIER.test(text);
}

/** Whether a word has a meaning of its own in expressions, so that no field, `let` or step can have it as its name. */
export function isReserved(word: string): boolean {
  return celKeywords.has(word) || ownWords.has(word);
}
