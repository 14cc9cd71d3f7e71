/** The part of JSON Schema that the published schemas use, without what is only told to people. */
export interface Shape {
  readonly $ref?: string;
  readonly type?: ShapeType | readonly ShapeType[];
  readonly enum?: readonly unknown[];
  readonly const?: string | number | boolean | null;
  readonly minimum?: number;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  /** `if`, `then` and `else`. */
  readonly cases?: readonly [Shape, Shape, Shape];
}

type ShapeType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';
type Check = (value: unknown) => boolean;

/**
 * Makes a check of values against the shape `name` of `shapes`: values that were parsed from JSON, nested only as deep
 * as a caller allowed.
 */
export function shapeCheck(shapes: Readonly<Record<string, Shape>>, name: string): Check {
  const made = new Map<string, Check>();
  const named = (reference: string): Check => {
    const known = made.get(reference);
    if (known !== undefined) return known;
    // A shape may hold itself: its check is looked up when it is needed.
    made.set(reference, (value) => made.get(reference)?.(value) === true);
    const check = checkOf(shapes[reference], named);
    made.set(reference, check);
    return check;
  };
  return named(name);
}

function checkOf(shape: Shape, named: (reference: string) => Check): Check {
  const of = (part: Shape): Check => checkOf(part, named);
  const checks = [
    ...(shape.$ref === undefined ? [] : [named(shape.$ref)]),
    ...(shape.type === undefined ? [] : [typeCheck([shape.type].flat<(ShapeType | readonly ShapeType[])[]>())]),
    ...valueChecks(shape),
    ...objectChecks(shape, of),
    ...(shape.items === undefined ? [] : [itemsCheck(of(shape.items))]),
    ...choiceChecks(shape, of),
  ];
  const [first, second, ...others] = checks;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (others.length === 0) return (value) => first(value) && second(value);
  return (value) => checks.every((check) => check(value));
}

function typeCheck(types: readonly ShapeType[]): Check {
  const isTyped = types.map((type) => TYPES[type]);
  const [first, second] = isTyped;
  if (isTyped.length === 1) return first;
  return isTyped.length === 2 ? (value) => first(value) || second(value) : (value) => isTyped.some((is) => is(value));
}

const TYPES: Readonly<Record<ShapeType, Check>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  array: Array.isArray,
  object: isObject,
};

function valueChecks({ enum: values, const: only, minimum, pattern }: Shape): Check[] {
  const expression = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  return [
    ...(values === undefined ? [] : [(value: unknown) => values.includes(value)]),
    ...(only === undefined ? [] : [(value: unknown) => value === only]),
    ...(minimum === undefined ? [] : [(value: unknown) => typeof value !== 'number' || value >= minimum]),
    ...(expression === undefined ? [] : [(value: unknown) => typeof value !== 'string' || expression.test(value)]),
  ];
}

function objectChecks(
  { required = [], properties = {}, additionalProperties }: Shape,
  of: (part: Shape) => Check,
): Check[] {
  const names = [...new Set([...Object.keys(properties), ...required])];
  // No name is one that every object has, and nothing that was parsed is undefined.
  const parts = names.map((key) => {
    return { key, isRequired: required.includes(key), check: of(properties[key] ?? {}) };
  });
  const others = typeof additionalProperties === 'object' ? of(additionalProperties) : () => false;
  const isOpen = additionalProperties === undefined || additionalProperties === true;
  if (parts.length === 0 && isOpen) return [];
  const known = new Set(names);
  return [
    (value) => {
      if (!isObject(value)) return true;
      for (const { key, isRequired, check } of parts) {
        const part = value[key];
        if (part === undefined ? isRequired : !check(part)) return false;
      }
      return isOpen || Object.keys(value).every((key) => known.has(key) || others(value[key]));
    },
  ];
}

function itemsCheck(check: Check): Check {
  return (value) => !Array.isArray(value) || value.every(check);
}

function choiceChecks({ anyOf, oneOf, cases }: Shape, of: (part: Shape) => Check): Check[] {
  const any = anyOf?.map(of);
  const one = oneOf?.map(of);
  const [isCase, isThen, isElse] = (cases ?? []).map(of);
  return [
    ...(any === undefined ? [] : [(value: unknown) => any.some((check) => check(value))]),
    ...(one === undefined ? [] : [(value: unknown) => one.filter((check) => check(value)).length === 1]),
    ...(cases === undefined ? [] : [(value: unknown) => (isCase(value) ? isThen(value) : isElse(value))]),
  ];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
