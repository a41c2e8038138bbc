// What one line of the procedure table is: a call or an event of one of libvirt's RPC programs.
import { type Codec, type Fields, type StructOf, struct } from '../xdr/xdr.ts';

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
export type AnyCall = Named<Call<unknown, unknown>>;
export type AnyEvent = Named<Event<unknown>>;

/** The arguments a line's call takes: `CallArgs<typeof remote.domainPinVcpuFlags>`. */
export type CallArgs<L> = L extends { readonly args: Codec<infer A> } ? A : never;
/** What a line's call answers. */
export type CallRet<L> = L extends { readonly ret: Codec<infer R> } ? R : never;
/** What a line's event carries. */
export type EventMessage<L> = L extends { readonly message: Codec<infer M> } ? M : never;

type CallOptions = Pick<Call<unknown, unknown>, 'stream' | 'fds'>;
/** A call without arguments takes `{}` and nothing else. */
type Nothing = Readonly<Record<string, never>>;

/** A call by its number, argument fields and result fields, both in wire order. */
export function call<R extends Fields>(number: number, args: Nothing, ret: R, options?: CallOptions): Call<Nothing, StructOf<R>>;
export function call<A extends Fields, R extends Fields>(
  number: number,
  args: A,
  ret: R,
  options?: CallOptions,
): Call<StructOf<A>, StructOf<R>>;
export function call(number: number, args: Fields, ret: Fields, options: CallOptions = {}): Call<StructOf<Fields>, StructOf<Fields>> {
  return { kind: 'call', number, args: struct(args), ret: struct(ret), ...options };
}

/** An event by its number and fields. */
export const event = <M extends Fields>(number: number, message: M): Event<StructOf<M>> => ({
  kind: 'event',
  number,
  message: struct(message),
});

/** A program's table: every line learns its name and program, types untouched. */
export const table = <P extends Program, T extends Readonly<Record<string, Call<unknown, unknown> | Event<unknown>>>>(
  program: P,
  lines: T,
): { readonly [K in keyof T]: Named<T[K]> } => {
  const named = Object.fromEntries(Object.entries(lines).map(([name, line]) => [name, { ...line, name, program }]));
  // fromEntries forgets which key had which line; the line above keeps each under its own key.
  return named as unknown as { readonly [K in keyof T]: Named<T[K]> };
};
