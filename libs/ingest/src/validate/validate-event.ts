import type { FieldValue, LogEvent, RejectCode, Unsequenced } from '@weir/contracts';
import type { EventSchema, EventTypeSpec } from '@weir/rule-lang';
import { describeJson, JsonObject, type JsonValue, loneSurrogateAt, quoteShort, setOwn, toPlain } from '../json/json-value.js';
import { defaultEventLimits, type EventLimits, extraOfPlace, fieldReader, FieldRefusal, type FieldReader, readId, readInstant, textFault, type ValueForm } from './field-readers.js';

/** What an event says, before it has its place in the log. */
export type EventContent = Unsequenced<LogEvent>;

/** An event that fits its type. */
export interface ValidEvent {
  readonly ok: true;
  readonly event: EventContent;
  /** The type is marked `late: restamp`: a late one is dated to the largest ts so far instead. */
  readonly restamp: boolean;
  /** Fields that the schema does not declare; they are in `event.extra`. */
  readonly unknownFields: number;
}
/** Why an event is not taken: the code for machines, the rest for people. */
export interface Refusal {
  readonly ok: false;
  readonly code: RejectCode;
  readonly field?: string | undefined;
  /** For people: `amount: 12.505 has 3 decimals, the schema allows 2`. */
  readonly message: string;
  /** The event's id where it could be read. */
  readonly id?: string | undefined;
}

interface FieldPlan { readonly name: string; readonly place: number; readonly required: boolean; readonly read: FieldReader; readonly isGeo: boolean }
interface TypePlan { readonly spec: EventTypeSpec; readonly fields: readonly FieldPlan[]; readonly byName: ReadonlyMap<string, FieldPlan> }

/** Checks one event against the schema it was built for. Pure; the same value gives the same answer. */
export type EventValidator = (value: JsonValue, form?: ValueForm) => ValidEvent | Refusal;

/**
 * Builds the validator of a schema once; it is then called per event.
 *
 * A valid event has `id`, `type` and `ts`, every required field, and declared fields of their type only; `null` is absent.
 * Declared fields come out in the schema's order. Undeclared ones are kept in `extra` untouched (numbers that a double
 * cannot hold stay text). The first thing wrong is answered: type, id, ts, then fields in the schema's order.
 * @param limits bounds that differ from {@link defaultEventLimits}.
 */
export function eventValidator(schema: EventSchema, limits: Partial<EventLimits> = {}): EventValidator {
  const bounds = { ...defaultEventLimits, ...limits };
  const types = new Map(schema.types.map((spec) => [spec.name, planType(spec, bounds)]));
  return (value, form = 'json') => validate(value, form, types, bounds);
}

const validators = new WeakMap<EventSchema, EventValidator>();

/** One-off form of {@link eventValidator}; with default limits the validator of a schema is built once and kept. */
export function validateEvent(value: JsonValue, schema: EventSchema, limits?: Partial<EventLimits>): ValidEvent | Refusal {
  if (limits !== undefined) return eventValidator(schema, limits)(value);
  const validator = validators.get(schema) ?? eventValidator(schema);
  validators.set(schema, validator);
  return validator(value);
}

function planType(spec: EventTypeSpec, limits: EventLimits): TypePlan {
  const fields = spec.fields.map((field, place) => ({ name: field.name, place, required: field.required, read: fieldReader(field, limits), isGeo: field.type === 'geo' }));
  return { spec, fields, byName: new Map(fields.map((field) => [field.name, field])) };
}

function validate(value: JsonValue, form: ValueForm, types: ReadonlyMap<string, TypePlan>, limits: EventLimits): ValidEvent | Refusal {
  if (!(value instanceof JsonObject)) return { ok: false, code: 'not-an-object', message: `an event is a JSON object, not ${describeJson(value)}` };
  const { names, values } = value;
  const idOfRefusal = readId(value.get('id') ?? null, form, limits);
  const knownId = typeof idOfRefusal === 'string' ? idOfRefusal : undefined;
  const refuse = (name: string, fault: FieldRefusal): Refusal => {
    const field = fault.part === '' ? name : `${name}.${fault.part}`;
    return { ok: false, code: fault.code, field, message: `${field}: ${fault.message}`, id: knownId };
  };

  const typeName = value.get('type') ?? null;
  if (typeName === null) return refuse('type', missing);
  if (typeof typeName !== 'string') return refuse('type', new FieldRefusal('bad-type', `a text is expected, not ${describeJson(typeName)}`));
  const type = types.get(typeName);
  if (type === undefined) return refuse('type', new FieldRefusal('unknown-type', `the schema has no event type ${quoteShort(typeName)}; it has ${[...types.keys()].join(', ')}`));
  if ((value.get('id') ?? null) === null) return refuse('id', missing);
  if (typeof idOfRefusal !== 'string') return refuse('id', idOfRefusal);
  const tsValue = value.get('ts') ?? null;
  if (tsValue === null) return refuse('ts', missing);
  const ts = readInstant(tsValue, form);
  if (typeof ts !== 'number') return refuse('ts', ts);

  const given: JsonValue[] = new Array<JsonValue>(type.fields.length).fill(null);
  let unknown: [string, JsonValue][] | undefined;
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i] ?? '';
    if (name === 'id' || name === 'type' || name === 'ts') continue;
    const plan = type.byName.get(name);
    const member = values[i] ?? null;
    if (plan !== undefined) given[plan.place] = member;
    else (unknown ??= []).push([name, member]);
  }

  const fields: Record<string, FieldValue> = {};
  for (const plan of type.fields) {
    const member = given[plan.place] ?? null;
    if (member === null || (member === '' && form === 'text')) {
      if (plan.required) return refuse(plan.name, missing);
      continue;
    }
    const read = plan.read(member, form);
    if (read instanceof FieldRefusal) return refuse(plan.name, read);
    setOwn(fields, plan.name, read);
    if (plan.isGeo) for (const [name, more] of extraOfPlace(member)) (unknown ??= []).push([`${plan.name}.${name}`, more]);
  }

  const event: EventContent = { kind: 'event', ts, id: idOfRefusal, type: type.spec.name, fields };
  const restamp = type.spec.late === 'restamp';
  if (unknown === undefined) return { ok: true, event, restamp, unknownFields: 0 };
  const extra = keepExtra(unknown, limits);
  if ('fault' in extra) return refuse(extra.name, extra.fault);
  return { ok: true, event: { ...event, extra: extra.kept }, restamp, unknownFields: unknown.length };
}

const missing = new FieldRefusal('missing-field', 'is missing');

function keepExtra(unknown: readonly (readonly [string, JsonValue])[], limits: EventLimits): { readonly kept: Record<string, unknown> } | { readonly name: string; readonly fault: FieldRefusal } {
  const kept: Record<string, unknown> = {};
  let units = 0;
  for (const [name, member] of unknown) {
    const shown = name.length > 100 ? `${name.slice(0, 100)}...` : name;
    if (typeof member === 'string' && member.length > limits.maxTextUnits) return { name: shown, fault: textFault(member, limits.maxTextUnits) ?? missing };
    if (loneSurrogateAt(name) >= 0) return { name: shown, fault: new FieldRefusal('bad-text', 'the field name holds half of a surrogate pair') };
    const plain = toPlain(member);
    units += name.length + JSON.stringify(plain).length;
    if (units > limits.maxExtraUnits) return { name: shown, fault: new FieldRefusal('too-large', `the unknown fields together have more than ${limits.maxExtraUnits} characters`) };
    setOwn(kept, name, plain);
  }
  return { kept };
}

/**
 * The event as JSON text that any channel accepts again: decimals as text, places as `lat` and `lon`, extra fields beside the others.
 * For sending on what was read from a file, and for showing a dead letter's event.
 */
export function eventToWire(event: EventContent): string {
  const wire: Record<string, unknown> = { id: event.id, type: event.type, ts: event.statedTs ?? event.ts };
  for (const [name, value] of Object.entries(event.fields)) setOwn(wire, name, typeof value === 'object' ? { lat: value.lat, lon: value.lon } : value);
  for (const [name, value] of Object.entries(event.extra ?? {})) if (!Object.hasOwn(wire, name)) setOwn(wire, name, value);
  return JSON.stringify(wire);
}
