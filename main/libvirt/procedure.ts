// What one line of the procedure table is: a call or an event of one of libvirt's RPC programs.
import { type Codec, type Fields, none, type StructOf, struct } from '../xdr/xdr.ts';

/** RPC program numbers (all of version 1). */
export const programs = { remote: 0x20008086, qemu: 0x20008087, lxc: 0x00068000, keepalive: 0x6b656570 } as const;
export type Program = keyof typeof programs;

/** Which way a call's stream runs, as the client sees it: `read` = from the server, `write` = to it. */
export type StreamDirection = 'read' | 'write';

/** A call: arguments to the server, a result back, for some a stream after it. */
export interface Call<A, R> {
  readonly kind: 'call';
  readonly number: number;
  readonly args: Codec<A>;
  readonly ret: Codec<R>;
  readonly stream?: StreamDirection;
  /** File descriptors travel with it, so it works over a UNIX socket only, and not from Node. */
  readonly fds?: 'call' | 'reply' | 'both';
}

/** A message the server sends by itself. */
export interface Event<M> {
  readonly kind: 'event';
  readonly number: number;
  readonly message: Codec<M>;
}

/** A line of a program's table together with its name and program. */
export type Named<L> = L & { readonly name: string; readonly program: Program };
export type AnyCall = Named<Call<never, unknown>>;
export type AnyEvent = Named<Event<unknown>>;

type CallOptions = Pick<Call<unknown, unknown>, 'stream' | 'fds'>;
const fieldsOf = <F extends Fields>(fields: F): Codec<StructOf<F>> =>
  Object.keys(fields).length === 0 ? (none as unknown as Codec<StructOf<F>>) : struct(fields);

/** A call by its number, argument fields and result fields, both in wire order. */
export const call = <A extends Fields, R extends Fields>(
  number: number,
  args: A,
  ret: R,
  options: CallOptions = {},
): Call<StructOf<A>, StructOf<R>> => ({ kind: 'call', number, args: fieldsOf(args), ret: fieldsOf(ret), ...options });

/** An event by its number and fields. */
export const event = <M extends Fields>(number: number, message: M): Event<StructOf<M>> => ({
  kind: 'event',
  number,
  message: fieldsOf(message),
});

/** A program's table: every line learns its name and program, types untouched. */
export const table = <P extends Program, T extends Readonly<Record<string, Call<never, unknown> | Event<unknown>>>>(
  program: P,
  lines: T,
): { readonly [K in keyof T]: Named<T[K]> } =>
  Object.fromEntries(Object.entries(lines).map(([name, line]) => [name, { ...line, name, program }])) as {
    readonly [K in keyof T]: Named<T[K]>;
  };
