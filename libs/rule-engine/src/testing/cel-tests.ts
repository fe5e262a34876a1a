import { tests as conformance } from '@bufbuild/cel-spec/testdata/conformance.js';

/** A value of the conformance data, in the JSON form of `cel.expr.Value`: one property, named after the type. */
export type CelValue = Readonly<Record<string, unknown>>;

/** One test of CEL's conformance data (cel-spec `tests/simple`, as shipped by `@bufbuild/cel-spec`). */
export interface CelTest {
  /** `file/section/name`, and `#n` from the second of one name on. */
  readonly id: string;
  readonly expr: string;
  /** The value wanted; `error` when the evaluation must fail; `checked` when only the checker is asked. */
  readonly expected: { readonly kind: 'value'; readonly value: CelValue } | { readonly kind: 'error'; readonly message: string } | { readonly kind: 'checked' };
  /** The type that the checker must find, where the test asks for it: a primitive's name, else the JSON of the type. */
  readonly deducedType?: string | undefined;
  readonly bindings: ReadonlyMap<string, CelValue>;
  /** Names that the test declares; their types are those of the bindings, or of no value at all. */
  readonly declared: readonly string[];
  /** Package in which names are looked up: tests with one are about messages. */
  readonly container: string;
  /** CEL's checker is left out: the test is about what happens at run time to an expression of wrong types. */
  readonly isUnchecked: boolean;
}

interface Section { readonly name: string; readonly suites?: readonly Section[]; readonly tests?: readonly { readonly original: Readonly<Record<string, unknown>> & { readonly name?: string; readonly expr: string } }[] }

/** All tests in the order of the package. Throws on a test of a form that is not read, so that none is lost. */
export function celTests(): readonly CelTest[] {
  const seen = new Map<string, number>();
  const read = (section: Section, path: readonly string[]): readonly CelTest[] => [
    ...(section.suites ?? []).flatMap((part) => read(part, [...path, part.name])),
    ...(section.tests ?? []).map(({ original }) => {
      const name = [...path, original.name ?? original.expr].join('/');
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      return readTest(count === 1 ? name : `${name}#${count}`, original);
    }),
  ];
  return read(conformance, []);
}

function readTest(id: string, original: Readonly<Record<string, unknown>> & { readonly expr: string }): CelTest {
  const { expr, value, evalError, typedResult, bindings = {}, typeEnv = [], container = '', disableCheck = false, checkOnly = false } = original;
  const { result, deducedType } = record(typedResult ?? {});
  for (const key of Object.keys(original)) if (!knownKeys.has(key)) throw new Error(`${id}: ${key} is not read`);
  return {
    id, expr,
    expected: evalError !== undefined ? { kind: 'error', message: messageOf(evalError) } : checkOnly === true ? { kind: 'checked' } : { kind: 'value', value: record(value ?? result ?? { boolValue: true }) },
    deducedType: deducedType === undefined ? undefined : typeof record(deducedType).primitive === 'string' ? String(record(deducedType).primitive) : JSON.stringify(deducedType),
    bindings: new Map(Object.entries(record(bindings)).map(([name, bound]) => [name, record(record(bound).value)])),
    declared: Array.isArray(typeEnv) ? typeEnv.map((entry) => String(record(entry).name)) : [],
    container: String(container), isUnchecked: disableCheck === true,
  };
}

const knownKeys = new Set(['name', 'description', 'expr', 'value', 'evalError', 'typedResult', 'bindings', 'typeEnv', 'container', 'disableCheck', 'checkOnly']);

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new Error(`not an object: ${JSON.stringify(value)}`);
  return value as Readonly<Record<string, unknown>>; // an object, as just seen
}

function messageOf(evalError: unknown): string {
  const { errors } = record(evalError);
  return Array.isArray(errors) ? String(record(errors[0]).message) : 'an error';
}
