import type { CelTest, CelValue } from './cel-tests.js';

/** Why a test lies outside the subset that rules share with CEL, each with the sentence of the report. */
export const outsideReasons = {
  bytes: 'bytes: rules have none',
  unsigned: 'unsigned integers: rules have none',
  null: '`null`: an absent field is unknown',
  messages: 'protobuf messages, enums, wrappers and `Any`: events are flat',
  maps: 'maps: events are flat',
  macros: 'comprehensions (`all`, `exists`, `map`, `filter`, `cel.bind`, ...): windows take their place',
  dynamic: '`dyn`, `type()` and types as values: every value of a rule has one type, known before it runs',
  lists: 'lists as values (joined, compared, indexed, returned): lists stand right of `in` and in `size()`',
  optionals: 'optional values: `orValue` on unknown takes their place',
  conversions: 'conversions `int`, `string`, `bool` and those of computed texts and numbers to times: rules have `double` and literals',
  extensions: 'libraries of extensions (`math`, `strings`, `base64`, `network`, ...) but `lowerAscii`',
  functions: 'functions that the test declares itself',
  names: 'qualified names and containers',
} as const;

/** Why a conformance test lies outside the subset of CEL that rules are written in. */
export type OutsideReason = keyof typeof outsideReasons;

type Token = { readonly kind: 'string'; readonly text: string } | { readonly kind: 'number' | 'name' | 'sign'; readonly text: string };

const STRING = /([rRbB]{0,2})(?:"""(?:[^\\]|\\[^])*?"""|'''(?:[^\\]|\\[^])*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/y;
const RAW_STRING = /[rR](?:"""[^]*?"""|'''[^]*?'''|"[^"\n]*"|'[^'\n]*')/y;
const NUMBER = /(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)[uU]?/y;
const NAME = /@?[A-Za-z_][A-Za-z0-9_]*|`[^`]*`/y;
const BLANK = /(?:\s|\/\/[^\n]*)+/y;

/** Tokens of CEL; written apart from the lexer of the rule language, which is what is tested. */
function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const take = (pattern: RegExp, at: number): string => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? '';
  };
  for (let at = take(BLANK, 0).length; at < text.length; at += take(BLANK, at).length) {
    const string = take(RAW_STRING, at) || take(STRING, at);
    const [number, name] = [take(NUMBER, at), take(NAME, at)];
    const token: Token = string !== '' ? { kind: 'string', text: string } : number !== '' ? { kind: 'number', text: number } : name !== '' ? { kind: 'name', text: name } : { kind: 'sign', text: text.charAt(at) };
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

const macros = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter', 'transformList', 'transformMap', 'transformMapEntry', 'sortBy']);
const ownMethods = new Set([
  'size', 'contains', 'startsWith', 'endsWith', 'matches', 'lowerAscii',
  'getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours', 'getMinutes', 'getSeconds', 'getMilliseconds',
]);
const ownFunctions = new Set(['size', 'duration', 'timestamp', 'double', 'has', 'matches']);
const typeNames = new Set(['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type', 'type', 'dyn']);
const libraries = new Set(['math', 'strings', 'base64', 'net', 'regex', 'sets', 'lists']);
const timeTypes = new Set(['type.googleapis.com/google.protobuf.Timestamp', 'type.googleapis.com/google.protobuf.Duration']);

function outsideValue(value: CelValue): OutsideReason | undefined {
  if ('bytesValue' in value) return 'bytes';
  if ('uint64Value' in value) return 'unsigned';
  if ('nullValue' in value) return 'null';
  if ('mapValue' in value) return 'maps';
  if ('listValue' in value) return 'lists';
  if ('typeValue' in value) return 'dynamic';
  if ('enumValue' in value) return 'messages';
  if ('objectValue' in value) {
    const { objectValue } = value;
    const type = typeof objectValue === 'object' && objectValue !== null && '@type' in objectValue ? String(objectValue['@type']) : '';
    return timeTypes.has(type) ? undefined : 'messages';
  }
  return undefined;
}

/**
 * Which part of CEL that rules have not a test uses; undefined when it lies in the shared subset. Decided by the tokens of the
 * expression, the test's values and its declarations alone: never by whether the rule language happens to take it.
 */
export function outsideReason(test: CelTest): OutsideReason | undefined {
  const tokens = tokensOf(test.expr);
  const found = new Set<OutsideReason>();
  tokens.forEach((token, i) => { for (const reason of outsideToken(tokens, token, i)) found.add(reason); });
  for (const value of [...test.bindings.values(), ...(test.expected.kind === 'value' ? [test.expected.value] : [])]) {
    const reason = outsideValue(value);
    if (reason !== undefined) found.add(reason);
  }
  if (test.declared.some((name) => name.includes('.')) || [...test.bindings.keys()].some((name) => name.includes('.'))) found.add('names');
  if (test.declared.some((name) => tokens.some((token, i) => token.text === name && tokens[i + 1]?.text === '('))) found.add('functions');
  if (found.size === 0 && test.container !== '') found.add('messages');
  return order.find((reason) => found.has(reason));
}

/** Of several reasons the first of these counts. */
const order: readonly OutsideReason[] = ['messages', 'optionals', 'macros', 'extensions', 'functions', 'names', 'dynamic', 'bytes', 'unsigned', 'null', 'maps', 'lists', 'conversions'];

function outsideToken(tokens: readonly Token[], token: Token, i: number): readonly OutsideReason[] {
  const [before, after, next] = [tokens[i - 1], tokens[i + 1], tokens[i + 2]];
  switch (token.kind) {
    case 'string': return /^(?:[bB]|[rR][bB])/.test(token.text) ? ['bytes'] : [];
    case 'number': return /[uU]$/.test(token.text) && !/^0[xX][0-9a-fA-F]+$/.test(token.text) ? ['unsigned'] : [];
    case 'sign': return outsideSign(tokens, token, i);
    case 'name': {
      if (token.text.startsWith('`')) return ['maps'];
      if (before?.text === '.') return outsideMember(tokens, token, i);
      if (token.text === 'null') return ['null'];
      if (after?.text === '(') return outsideCall(token, next, tokens[i + 3]);
      if (libraries.has(token.text) && after?.text === '.') return ['extensions'];
      if (token.text === 'cel' && after?.text === '.') return ['macros'];
      if (token.text === 'optional' && after?.text === '.') return ['optionals'];
      if (['google', 'proto', 'TestAllTypes', 'NestedTestAllTypes', 'GlobalEnum'].includes(token.text)) return ['messages'];
      return typeNames.has(token.text) ? ['dynamic'] : [];
    }
  }
}

/** `x.name`: a method, a macro, or a field of a message or map. */
function outsideMember(tokens: readonly Token[], token: Token, i: number): readonly OutsideReason[] {
  if (tokens[i + 1]?.text !== '(') return ['messages'];
  if (macros.has(token.text)) return ['macros'];
  if (['hasValue', 'value', 'or', 'orValue', 'optMap', 'optFlatMap'].includes(token.text)) return ['optionals'];
  return ownMethods.has(token.text) ? [] : isKeyword(token.text) ? [] : ['extensions'];
}

/** Tests that CEL's keywords may name a method: the names are the subject, there are no such functions. */
function isKeyword(name: string): boolean {
  return ['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'].includes(name);
}

function outsideCall(token: Token, argument: Token | undefined, after: Token | undefined): readonly OutsideReason[] {
  if (token.text === 'dyn' || token.text === 'type') return ['dynamic'];
  if (token.text === 'bytes') return ['bytes'];
  if (token.text === 'uint') return ['unsigned'];
  if (['int', 'string', 'bool'].includes(token.text)) return ['conversions'];
  if (['ip', 'cidr', 'isIP', 'isCIDR'].includes(token.text)) return ['extensions'];
  if (token.text === 'timestamp' || token.text === 'duration') return argument?.kind === 'string' && after?.text === ')' ? [] : ['conversions'];
  if (token.text === 'has') return ['messages'];
  return ownFunctions.has(token.text) || token.text.startsWith('f_unknown') ? [] : ['functions'];
}

function outsideSign(tokens: readonly Token[], token: Token, i: number): readonly OutsideReason[] {
  const [before, after] = [tokens[i - 1], tokens[i + 1]];
  if (token.text === '?' && (before?.text === '.' || before?.text === '[' || before?.text === '{')) return ['optionals'];
  if (token.text === '{') return before?.kind === 'name' ? ['messages'] : ['maps'];
  if (token.text !== '[') return [];
  const isIndex = before !== undefined && (before.text === ')' || before.text === ']' || before.text === '}' || before.kind === 'string' || (before.kind === 'name' && before.text !== 'in'));
  if (isIndex) return ['lists'];
  const isOperandOfIn = before?.text === 'in';
  const isSize = before?.text === '(' && tokens[i - 2]?.text === 'size' || (after?.text === ']' && tokens[i + 2]?.text === '.' && tokens[i + 3]?.text === 'size');
  return isOperandOfIn || isSize ? [] : ['lists'];
}
