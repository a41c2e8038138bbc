// Typed parameters that a client sends, checked as virTypedParamsValidate does: known names, exact types, each once.
import { typedParamType } from '../libvirt/constants.ts';
import type { TypedParam } from '../libvirt/objects.ts';
import { badArgument, Fault } from './fault.ts';

export type ParamType = keyof typeof typedParamType;
/** Name of a parameter → the only type it may have. */
export type Allowed = Readonly<Record<string, ParamType>>;

const refused = (code: 'invalidArg' | 'argumentUnsupported', message: string): Fault => new Fault(code, 'none', message);

/** The parameters by name, when all is as allowed: unknown names are refused with 74, wrong types and repetitions with 8. */
export const checkParameters = (params: readonly TypedParam[], allowed: Allowed): ReadonlyMap<string, number | bigint | string> => {
  if (params.length === 0) throw badArgument('params must not be NULL');
  const names = params.map(({ field }) => field);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refused('invalidArg', `invalid argument: parameter '${twice}' occurs multiple times`);
  for (const { field, value } of params) {
    const type = Object.hasOwn(allowed, field) ? allowed[field] : undefined;
    if (type === undefined) throw refused('argumentUnsupported', `argument unsupported: parameter '${field}' not supported`);
    if (typedParamType[type] !== value.type) {
      const sent = Object.entries(typedParamType).find(([, number]) => number === value.type)?.[0];
      throw refused('invalidArg', `invalid argument: invalid type '${sent}' for parameter '${field}', expected '${type}'`);
    }
  }
  return new Map(params.map(({ field, value }) => [field, value.value]));
};

/** A number among checked parameters. */
export const whole = (values: ReadonlyMap<string, number | bigint | string>, name: string): bigint | undefined => {
  const value = values.get(name);
  return value === undefined ? undefined : BigInt(value);
};

/** What a getter answers: as many as were asked for, and in the asking round (0) none but their number. Text only for those who take it. */
export const answerParameters = (params: readonly TypedParam[], asked: number, flags: number): { readonly params: readonly TypedParam[]; readonly nparams: number } => {
  if (asked === 0) return { params: [], nparams: params.length };
  const readable = (flags & stringOkay) === 0 ? params.filter(({ value }) => value.type !== typedParamType.string) : params;
  return { params: readable.slice(0, asked), nparams: 0 };
};

/** VIR_TYPED_PARAM_STRING_OKAY. */
export const stringOkay = 4;
