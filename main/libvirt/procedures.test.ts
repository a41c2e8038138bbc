// The procedure table against the reference of libvirt's protocol files, line by line.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Shape } from '../xdr/xdr.ts';
import { max, remoteError } from './objects.ts';
import { lxc, qemu, remote } from './procedures.ts';
import { type AnyCall, type AnyEvent, programs } from './procedure.ts';

const field = z.object({
  name: z.string(),
  type: z.string(),
  array: z.enum(['variable', 'fixed']).optional(),
  max: z.number().optional(),
  length: z.number().optional(),
  optional: z.literal(true).optional(),
});
const typedef = field.omit({ name: true });
const procedure = z.object({
  number: z.number(),
  name: z.string(),
  kind: z.enum(['call', 'event']),
  args: z.array(field).default([]),
  ret: z.array(field).default([]),
  msg: z.array(field).default([]),
  stream: z.object({ direction: z.enum(['read', 'write']) }).optional(),
  fds: z.enum(['call', 'reply', 'both']).optional(),
});
const program = z.object({
  program: z.number(),
  constants: z.record(z.string(), z.number()),
  typedefs: z.record(z.string(), typedef),
  structs: z.record(z.string(), z.array(field)),
  unions: z.record(z.string(), z.object({ arms: z.array(z.object({ value: z.number(), field })) })),
  enums: z.record(z.string(), z.unknown()),
  procedures: z.array(procedure),
});
const referenceSchema = z.object({ programs: z.object({ remote: program, qemu: program, lxc: program }) });
type Field = z.infer<typeof typedef>;

const file = new URL('../../../shared/protocol/procedures.json', import.meta.url);
const absent = !existsSync(file);
const notice = absent ? ' (skipped: ../shared/protocol/procedures.json is not there)' : '';
const reference = (): z.infer<typeof referenceSchema>['programs'] => referenceSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).programs;

const words: Readonly<Record<string, string>> = {
  int: 'int',
  'unsigned int': 'uint',
  'unsigned short': 'uint',
  hyper: 'hyper',
  'unsigned hyper': 'uhyper',
  double: 'double',
  char: 'char',
  'unsigned char': 'char',
};

/** The reference's types written the way {@link written} writes ours. */
const resolver = (types: z.infer<typeof program>) => {
  const named = (name: string): string => {
    const { [name]: word } = words;
    const { [name]: alias } = types.typedefs;
    const { [name]: members } = types.structs;
    const { [name]: choice } = types.unions;
    if (word !== undefined) return word;
    if (alias !== undefined) return one(alias);
    if (members !== undefined) return fields(members);
    if (choice !== undefined) return `union(${choice.arms.map((arm) => `${arm.value}: ${one(arm.field)}`).join(', ')})`;
    if (name in types.enums) return 'int';
    throw new Error(`the reference does not define ${name}`);
  };
  const whole = ({ type, array, max: most, length }: Field): string => {
    if (array === 'variable') {
      if (most === undefined) throw new Error(`a list of ${type} has no bound in the reference`);
      if (type === 'string') return `string<${most}>`;
      if (type === 'opaque') return `bytes<${most}>`;
      if (type === 'char') return `chars<${most}>`;
      return `${named(type)}<${most}>`;
    }
    if (array === 'fixed') return type === 'opaque' && length === 16 ? 'uuid' : `${named(type)}[${length}]`;
    return named(type);
  };
  const one = (of: Field): string => (of.optional === true ? `${whole(of)}?` : whole(of));
  const fields = (members: readonly z.infer<typeof field>[]): string => `{${members.map((member) => `${member.name}: ${one(member)}`).join(', ')}}`;
  return { named, fields };
};

/** A shape as text that keeps the order of fields, which comparing objects would not. */
const written = (shape: Shape): string => {
  switch (shape.kind) {
    case 'string':
    case 'bytes':
    case 'chars':
      return `${shape.kind}<${shape.max}>`;
    case 'opaque':
      return `opaque[${shape.length}]`;
    case 'array':
      return `${written(shape.of)}<${shape.max}>`;
    case 'fixed':
      return `${written(shape.of)}[${shape.length}]`;
    case 'optional':
      return `${written(shape.of)}?`;
    case 'struct':
      return `{${Object.entries(shape.fields)
        .map(([name, of]) => `${name}: ${written(of)}`)
        .join(', ')}}`;
    case 'union':
      return `union(${Object.entries(shape.arms)
        .map(([type, of]) => `${type}: ${written(of)}`)
        .join(', ')})`;
    default:
      return shape.kind;
  }
};

const camel = (name: string): string => name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

const ours = (table: Readonly<Record<string, AnyCall | AnyEvent>>): string[] =>
  Object.entries(table).map(([key, line]) => {
    const what = line.kind === 'call' ? `${written(line.args.shape)} → ${written(line.ret.shape)}` : written(line.message.shape);
    const manners = line.kind === 'call' ? ` stream ${line.stream ?? 'none'}, fds ${line.fds ?? 'none'}` : '';
    return `${line.number} ${line.kind} ${key} ${what}${manners}`;
  });

const theirs = (types: z.infer<typeof program>, base = types): string[] => {
  const { fields } = resolver({ ...base, structs: { ...base.structs, ...types.structs } });
  return types.procedures.map(({ number, name, kind, args, ret, msg, stream, fds }) => {
    const what = kind === 'call' ? `${fields(args)} → ${fields(ret)}` : fields(msg);
    const manners = kind === 'call' ? ` stream ${stream?.direction ?? 'none'}, fds ${fds ?? 'none'}` : '';
    return `${number} ${kind} ${camel(name)} ${what}${manners}`;
  });
};

describe('the procedure table', () => {
  it.skipIf(absent)(`has every line of the remote program and no other${notice}`, () => {
    const expected = theirs(reference().remote);
    expect(expected).toHaveLength(456);
    expect(ours(remote)).toEqual(expected);
  });

  it.skipIf(absent)(`has every line of the QEMU and LXC programs and no other${notice}`, () => {
    const { remote: base, qemu: onlyQemu, lxc: onlyLxc } = reference();
    expect(ours(qemu)).toEqual(theirs(onlyQemu, base));
    expect(ours(lxc)).toEqual(theirs(onlyLxc, base));
    expect([programs.remote, programs.qemu, programs.lxc]).toEqual([base.program, onlyQemu.program, onlyLxc.program]);
  });

  it.skipIf(absent)(`knows each bound of the protocol by libvirt’s name${notice}`, () => {
    const bounds = Object.entries(reference().remote.constants)
      .filter(([name]) => name.includes('_MAX'))
      .map(([name, value]) => [camel(name.replace(/^REMOTE_/, '').replace(/_?MAX_?/, '_').replace(/_$/, '')), value] as const);
    expect(max).toEqual(Object.fromEntries(bounds));
  });

  it.skipIf(absent)(`reads errors as the reference lays them out${notice}`, () => {
    expect(written(remoteError.shape)).toBe(resolver(reference().remote).named('remote_error'));
  });

  it('runs from 1 without a gap, and each line knows its name and program', () => {
    for (const [program, table] of Object.entries({ remote, qemu, lxc })) {
      const lines = Object.entries<AnyCall | AnyEvent>(table);
      expect(lines.map(([, line]) => [line.number, line.name, line.program])).toEqual(
        lines.map(([key], index) => [index + 1, key, program]),
      );
    }
  });
});
