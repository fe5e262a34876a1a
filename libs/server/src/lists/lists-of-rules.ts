import { compileRule, walkTyped } from '@weir/rule-lang';
import type { TypedExpr, TypedRule } from '@weir/rule-lang';
import type { DataSource } from 'typeorm';
import type { SchemaPort } from '../ports.js';

/** Names of the lists that a rule looks at, wherever it does. */
export function listsOf(rule: TypedRule): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (expr: TypedExpr | undefined): void => {
    if (expr !== undefined) walkTyped(expr, (part) => { if (part.kind === 'inList') found.add(part.list); });
  };
  for (const { expr } of rule.lets) visit(expr);
  for (const part of rule.reason) if (part.kind === 'value') visit(part.expr);
  switch (rule.body.kind) {
    case 'when': visit(rule.body.condition); break;
    case 'window': visit(rule.body.having); break;
    case 'sequence': for (const step of rule.body.steps) { visit(step.where); visit(step.until); }
  }
  return found;
}

/**
 * Which released rules (live or shadow) name which list.
 *
 * Layout: `#compiled` holds a rule's text and its lists by rule id, so a text is compiled once; it never holds more than the
 * released rules.
 */
export class ListsOfRules {
  #compiled: ReadonlyMap<string, { readonly key: string; readonly lists: ReadonlySet<string> }> = new Map();

  constructor(private readonly store: DataSource, private readonly schema: SchemaPort) {}

  /** Rule ids by list, both sorted. */
  async read(): Promise<ReadonlyMap<string, readonly string[]>> {
    const rules = await this.store.query<{ id: string; text: string }[]>(`select id, text from rules where mode <> 'off' order by id collate "C"`);
    const { schema } = this.schema.current();
    this.#compiled = new Map(rules.map(({ id, text }) => {
      const key = `${schema.hash} ${text}`;
      const known = this.#compiled.get(id);
      if (known?.key === key) return [id, known];
      const { rule } = compileRule(text, `${id}.yaml`, { schema });
      return [id, { key, lists: rule === undefined ? new Set<string>() : listsOf(rule) }];
    }));
    const users = new Map<string, string[]>();
    for (const [id, { lists }] of this.#compiled) for (const list of lists) users.set(list, [...(users.get(list) ?? []), id]);
    return new Map([...users].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
