import { celKeywords } from '../source/reserved-words.js';
import type { TextRange } from '../source/source-text.js';
import { lex, type SyntaxFault, type Token } from './lexer.js';
import { type BinaryOperator, DEEPEST_TREE, precedence, type Syntax } from './syntax-tree.js';

export type Parsed = { readonly ok: true; readonly tree: Syntax } | { readonly ok: false; readonly fault: SyntaxFault };

/** Carries a fault out of the descent; never leaves this file. */
class Refusal {
  constructor(readonly fault: SyntaxFault) {}
}

/**
 * Parses an expression of the rule language: CEL's grammar (github.com/google/cel-spec, doc/langdef.md) without maps, messages,
 * indexing, bytes, unsigned numbers and `null`, which are refused by name. Pratt's method; recursion and tree are at most
 * {@link DEEPEST_TREE} deep, so no text can exhaust the stack. Never throws; tells the first fault. O(length).
 */
export function parseExpression(text: string): Parsed {
  const lexed = lex(text);
  if (!lexed.ok) return lexed;
  try {
    const parser = new Parser(lexed.tokens, text);
    return { ok: true, tree: parser.whole() };
  } catch (refusal) {
    if (refusal instanceof Refusal) return { ok: false, fault: refusal.fault };
    throw refusal;
  }
}

class Parser {
  private at = 0;
  private nesting = 0;
  private readonly depths = new WeakMap<Syntax, number>();

  constructor(private readonly tokens: readonly Token[], private readonly text: string) {}

  whole(): Syntax {
    const token = this.token();
    if (token.kind === 'end') this.refuse(token, 'an expression is missing');
    const tree = this.expression();
    const rest = this.token();
    if (rest.kind !== 'end') this.unexpected(rest, 'an operator or the end');
    return tree;
  }

  private expression(): Syntax {
    this.nesting += 1;
    if (this.nesting > DEEPEST_TREE) this.refuseDepth(this.token());
    const { start } = this.token();
    const condition = this.binary(1);
    let tree = condition;
    if (this.takeSign('?')) {
      const then = this.binary(1);
      this.expectSign(':');
      const otherwise = this.expression();
      tree = this.node({ kind: 'conditional', condition, then, otherwise, start, end: this.lastEnd() }, [condition, then, otherwise]);
    }
    this.nesting -= 1;
    return tree;
  }

  private binary(weakest: number): Syntax {
    const { start } = this.token(); // of the first token, so that parentheses belong to the text of the node around them
    let left = this.unary();
    for (let operator = this.binaryOperator(); operator !== undefined && precedence[operator] >= weakest; operator = this.binaryOperator()) {
      this.at += 1;
      const right = this.binary(precedence[operator] + 1);
      left = this.node({ kind: 'binary', operator, left, right, start, end: this.lastEnd() }, [left, right]);
    }
    return left;
  }

  private binaryOperator(): BinaryOperator | undefined {
    const token = this.token();
    const text = token.kind === 'sign' ? token.text : token.kind === 'name' && token.text === 'in' ? 'in' : '';
    if (token.kind === 'name' && (token.text === 'and' || token.text === 'or')) {
      const fix = token.text === 'and' ? '&&' : '||';
      this.refuse(token, `unexpected \`${token.text}\``, `did you mean \`${fix}\`?`, fix);
    }
    return isBinary(text) ? text : undefined;
  }

  private unary(): Syntax {
    const token = this.token();
    if (token.kind === 'name' && token.text === 'not') {
      const next = this.tokens[this.at + 1];
      if (next !== undefined && (next.kind === 'name' || next.kind === 'string')) this.refuse(token, 'unexpected `not`', 'did you mean `!`?', '!');
    }
    if (token.kind !== 'sign' || (token.text !== '!' && token.text !== '-')) return this.member();
    const next = this.tokens[this.at + 1];
    if (token.text === '-' && next?.kind === 'number') return this.member();
    this.at += 1;
    this.nesting += 1;
    if (this.nesting > DEEPEST_TREE) this.refuseDepth(token);
    const operand = this.unary();
    this.nesting -= 1;
    return this.node({ kind: 'unary', operator: token.text, operand, start: token.start, end: this.lastEnd() }, [operand]);
  }

  private member(): Syntax {
    const opening = this.token().start;
    let tree = this.primary();
    for (;;) {
      const token = this.token();
      if (token.kind !== 'sign') return tree;
      if (token.text === '[') this.refuseAs('not-in-language', token, 'there is no indexing in rules', 'fields are plain names; `x in [ ... ]` asks whether a list holds a value');
      if (token.text === '{') this.refuseAs('not-in-language', token, 'there are no messages and maps in rules');
      if (token.text !== '.') return tree;
      this.at += 1;
      const name = this.token();
      if (name.kind !== 'name' || literalWords.has(name.text)) return this.unexpected(name, 'a name after `.`');
      this.at += 1;
      tree = this.isSign('(')
        ? this.call(name, tree, opening)
        : this.node({ kind: 'select', operand: tree, name: name.text, nameRange: range(name), start: opening, end: name.end }, [tree]);
    }
  }

  private call(name: Token & { kind: 'name' }, target: Syntax | undefined, start: number): Syntax {
    this.expectSign('(');
    const args = this.listUntil(')', false);
    return this.node({ kind: 'call', target, name: name.text, nameRange: range(name), args, start, end: this.lastEnd() }, target === undefined ? args : [target, ...args]);
  }

  private listUntil(closing: string, trailingComma: boolean): Syntax[] {
    const items: Syntax[] = [];
    if (this.takeSign(closing)) return items;
    for (;;) {
      items.push(this.expression());
      if (this.takeSign(closing)) return items;
      if (!this.takeSign(',')) this.unexpected(this.token(), `\`,\` or \`${closing}\``);
      if (trailingComma && this.takeSign(closing)) return items;
    }
  }

  private primary(): Syntax {
    const token = this.token();
    this.at += 1;
    if (token.kind === 'number') return this.node({ ...token }, []);
    if (token.kind === 'string') return this.node({ ...token }, []);
    if (token.kind === 'name') return this.named(token);
    if (token.kind === 'sign') {
      if (token.text === '-') {
        const number = this.token();
        this.at += 1;
        if (number.kind === 'number') return this.node({ ...number, unscaled: -number.unscaled, start: token.start }, []);
      }
      if (token.text === '(') {
        const inner = this.expression();
        this.expectSign(')');
        return inner;
      }
      if (token.text === '[') {
        const items = this.listUntil(']', true);
        return this.node({ kind: 'list', items, start: token.start, end: this.lastEnd() }, items);
      }
      if (token.text === '{') this.refuseAs('not-in-language', token, 'there are no maps in rules');
      if (token.text === '.') this.refuseAs('not-in-language', token, 'there are no qualified names in rules', 'names stand without a dot before them; a decimal has a digit after its dot');
    }
    return this.unexpected(token, 'a value');
  }

  private named(token: Token & { kind: 'name' }): Syntax {
    if (token.text === 'true' || token.text === 'false') return this.node({ kind: 'bool', value: token.text === 'true', ...range(token) }, []);
    if (token.text === 'null') this.refuseAs('not-in-language', token, 'there is no `null` in rules', '`has(x)` asks whether a field is there, `x.orValue(0)` gives a default');
    if (celKeywords.has(token.text)) this.refuse(token, `\`${token.text}\` is a keyword of CEL and cannot be a name`);
    return this.isSign('(') ? this.call(token, undefined, token.start) : this.node({ kind: 'name', name: token.text, ...range(token) }, []);
  }

  private node(tree: Syntax, parts: readonly Syntax[]): Syntax {
    let depth = 1;
    for (const part of parts) depth = Math.max(depth, (this.depths.get(part) ?? 1) + 1);
    if (depth > DEEPEST_TREE) this.refuseDepth(tree);
    this.depths.set(tree, depth);
    return tree;
  }

  private token(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] ?? { kind: 'end', start: this.text.length, end: this.text.length };
  }

  /** Where the token before the next one ends. */
  private lastEnd(): number {
    return this.tokens[this.at - 1]?.end ?? 0;
  }

  private isSign(text: string): boolean {
    const token = this.token();
    return token.kind === 'sign' && token.text === text;
  }

  private takeSign(text: string): boolean {
    if (!this.isSign(text)) return false;
    this.at += 1;
    return true;
  }

  private expectSign(text: string): void {
    if (!this.takeSign(text)) this.unexpected(this.token(), `\`${text}\``);
  }

  private unexpected(token: Token, expected: string): never {
    const found = token.kind === 'end' ? 'the expression ends' : `\`${this.text.slice(token.start, token.end)}\` stands`;
    this.refuse(token, `${found} where ${expected} is expected`);
  }

  private refuseDepth(at: TextRange): never {
    this.refuseAs('too-deep', at, `the expression is nested deeper than ${DEEPEST_TREE} nodes`, 'name its parts in `let`');
  }

  private refuse(at: TextRange, message: string, hint?: string, fix?: string): never {
    this.refuseAs('syntax', at, message, hint, fix);
  }

  private refuseAs(code: SyntaxFault['code'], at: TextRange, message: string, hint?: string, fix?: string): never {
    throw new Refusal({ code, start: at.start, end: at.end, message, hint, fix });
  }
}

function range({ start, end }: TextRange): TextRange {
  return { start, end };
}

/** Words that CEL's grammar takes for literals and an operator wherever they stand; its other keywords may name a member. */
const literalWords: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in']);

function isBinary(text: string): text is BinaryOperator {
  return Object.hasOwn(precedence, text);
}
