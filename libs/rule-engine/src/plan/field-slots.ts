import type { EventSchema, FieldType, TypedExpr, TypedExprOf } from '@weir/rule-lang';
import type { FieldSlot } from '../compile/event-rows.js';
import { partsOf } from '../interpret/parts-of.js';

/** The slots of an event's row: a column for each field, by name and type, that some expression or key of a rule set reads. */
export class FieldSlots {
  /** In the order of the first call that named them. */
  readonly all: FieldSlot[] = [];
  private readonly index = new Map<string, number>();

  constructor(private readonly schema: EventSchema) {}

  /** The field of an expression has a slot from here on; those of every event need none. @throws TypeError when no field can be of its type. */
  touchField(expr: TypedExprOf<'field'>): void {
    if (!isEveryEvents(expr.name)) this.slot(expr.name, fieldTypeOf(expr.type, expr.text));
  }

  /** Slots of all fields that an expression over counted events names. */
  touchFields(expr: TypedExpr): void {
    if (expr.kind === 'field') this.touchField(expr);
    for (const part of partsOf(expr)) this.touchFields(part);
  }

  /**
   * The slot of a part of a key. A field's type is that of the first type that declares it, among `typeNames` if given.
   * @throws TypeError when no event type has the field.
   */
  fieldSlot(name: string, typeNames: readonly string[] | undefined): number {
    if (name === 'id' || name === 'type') return this.slot(name, 'string');
    const among = this.schema.types.filter((type) => typeNames === undefined || typeNames.includes(type.name));
    const spec = [...among, ...this.schema.types].flatMap((type) => type.fields).find((field) => field.name === name);
    if (spec === undefined) throw new TypeError(`no event type has a field ${name}`);
    return this.slot(name, spec.type);
  }

  /** The slot of a field of that type: the known one, or a new one. */
  slot(name: string, type: FieldType): number {
    const key = `${name} ${type}`;
    const known = this.index.get(key);
    if (known !== undefined) return known;
    const scales = this.schema.types.flatMap((one) => one.fields).filter((field) => field.name === name && field.type === type).map((field) => field.scale);
    this.index.set(key, this.all.length);
    return this.all.push({ name, type, scale: type === 'decimal' ? Math.max(0, ...scales) : 0, isMixed: type === 'decimal' && new Set(scales).size > 1 }) - 1;
  }
}

/** `id`, `type` and `ts` are fields of every event; the first two have a slot where they are part of a window's key. */
export function isEveryEvents(name: string): boolean { return name === 'id' || name === 'type' || name === 'ts'; }

function fieldTypeOf(type: TypedExpr['type'], text: string): FieldType {
  if (type === 'fraction' || type === 'duration' || type === 'list') throw new TypeError(`${text}: no field is of type ${type}`);
  return type;
}
