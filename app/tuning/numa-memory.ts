// Which nodes of the host a guest's memory comes from: <numatune>, https://libvirt.org/formatdomain.html#numa-node-tuning
import { z } from '../domain/schema.ts';
import type { DomainXml } from '../xml/domain-xml.ts';
import { putAttributes } from './attributes.ts';
import { wholeGuest, type Field, type Finding, type Knob, type Option } from './knob.ts';
import { guestCells } from './memory-size.ts';
import { checkNodes, hostNodes, normalNodes } from './numa-nodes.ts';
import { same } from './same.ts';

const path = ['numatune', 'memory'] as const;

/** In the order of virDomainNumatuneMemMode, which are their numbers on the wire. */
export const numaModes = ['strict', 'preferred', 'interleave', 'restrictive'] as const;
const mode = z.enum(numaModes).nullable();
const nodeset = z.string().max(4096).nullable();
const numaMemoryValue = z.strictObject({ mode, nodeset, placement: z.enum(['auto']).nullable() }).readonly();
type NumaMemory = z.infer<typeof numaMemoryValue>;
const memnodeValue = z.strictObject({ mode, nodeset }).readonly();
type Memnode = z.infer<typeof memnodeValue>;

const modeOptions: readonly Option[] = [
  { value: 'strict', label: 'strict', hint: 'Only from these nodes: when they are full, the guest fails.' },
  { value: 'preferred', label: 'preferred', hint: 'From one node as long as it has memory, then from others.' },
  { value: 'interleave', label: 'interleave', hint: 'In turn from each of these nodes.' },
  { value: 'restrictive', label: 'restrictive', hint: 'By the control group’s nodes, which can be changed while the guest runs.' },
];
const modeField: Field = { kind: 'choice', absent: 'no policy', options: modeOptions };
const nodesField: Field = { kind: 'text', absent: 'none', example: '0-1' };

const modeOf = (text: string | null): NumaMemory['mode'] => numaModes.find((known) => known === text) ?? null;
const nodeWords = (text: string | null): string => (text === null ? 'no nodes' : `node ${text}`);
const error = (message: string): Finding => ({ level: 'error', message });

/** What one policy needs by itself. */
const policyFindings = ({ mode: how, nodeset: nodes }: Memnode, of: string): readonly Finding[] => [
  ...(nodes !== null && how === null ? [error(`${of} nodes, but no mode: choose how memory comes from them.`)] : []),
  ...(how === 'preferred' && nodes !== null && /[-,]/.test(nodes) ? [error('Only one node can be preferred.')] : []),
];

/** A policy without a mode is strict. */
function readPolicy(xml: DomainXml): NumaMemory {
  const element = xml.element(...path);
  if (element === null) return { mode: null, nodeset: null, placement: null };
  return { mode: modeOf(element.attribute('mode') ?? 'strict'), nodeset: normalNodes(element.attribute('nodeset')), placement: element.attribute('placement') === 'auto' ? 'auto' : null };
}

/** All null = the host decides. */
export const numaMemory: Knob<NumaMemory> = {
  label: 'Host nodes',
  panel: 'memory',
  card: 'NUMA',
  control: () => ({
    kind: 'fields',
    hint: 'Of a running guest only the nodes change, and only in mode restrictive.',
    fields: {
      mode: { ...modeField, label: 'Mode', nowFixed: 'Changes at the next start.' },
      nodeset: { ...nodesField, label: 'Nodes' },
      placement: { kind: 'choice', absent: 'as written', label: 'Placement', options: [{ value: 'auto', label: 'auto', hint: 'The host’s numad chooses the nodes when the guest starts.' }], nowFixed: 'Changes at the next start.' },
    },
  }),
  unit: wholeGuest,
  value: numaMemoryValue,

  read: (xml) => ({ '': readPolicy(xml) }),

  write(xml, _unit, value) {
    if (value.mode === null && value.nodeset === null && value.placement === null) xml.remove([...path]);
    else putAttributes(xml, path, readPolicy(xml), value);
  },

  check(value, _unit, truth, facts, after) {
    const { nodeset: nodes, placement } = value;
    const findings = [...policyFindings(value, 'There are')];
    if (value.mode !== null && nodes === null && placement === null) findings.push(error('A mode needs nodes, or placement auto.'));
    if (placement === 'auto' && nodes !== null) findings.push(error('With placement auto the host chooses the nodes; leave them empty.'));
    if (placement === 'auto' && after.elements('numatune', 'memnode').length > 0) findings.push(error('Placement auto does not go with guest nodes that have nodes of their own.'));
    if (nodes !== null) findings.push(...checkNodes(nodes, facts));
    const own = after.elements('numatune', 'memnode').map((element) => element.attribute('mode'));
    if (own.some((each) => (each === 'restrictive') !== (value.mode === 'restrictive'))) findings.push(error('Mode restrictive is for the guest and each of its nodes, or for none of them.'));
    if (truth === 'live' && value.mode !== 'restrictive') findings.push(error('The memory of a running guest changes its nodes only in mode restrictive, which it has to be started with.'));
    return findings;
  },

  step(_unit, value, scope, _facts, xml) {
    const now = readPolicy(xml);
    if (scope === 'both') return null;
    if (scope === 'saved') {
      return value.mode === null || value.nodeset === null || value.placement !== null || now.placement !== null ? null : { kind: 'setNuma', mode: value.mode, nodeset: value.nodeset, scope };
    }
    const isNodesAlone = same({ ...now, nodeset: null }, { ...value, nodeset: null });
    return now.mode !== 'restrictive' || value.nodeset === null || !isNodesAlone ? null : { kind: 'setNuma', mode: null, nodeset: value.nodeset, scope };
  },

  say: (value) => (value.mode === null ? 'no policy' : `${value.mode}, ${value.placement === 'auto' ? 'placed by the host' : nodeWords(value.nodeset)}`),
  name: () => 'Host nodes',
};

/** The unit is the number of a guest cell; all null = as the whole guest. */
export const memnode: Knob<Memnode> = {
  label: 'Host nodes of guest nodes',
  panel: 'memory',
  card: 'NUMA',
  only: ['qemu'],
  control: () => ({ kind: 'fields', nowFixed: 'Changes at the next start.', fields: { mode: { ...modeField, absent: 'as the guest', label: 'Mode' }, nodeset: { ...nodesField, label: 'Nodes' } } }),
  unit: z.string().regex(/^(0|[1-9]\d{0,3})$/, 'is the number of a guest node'),
  value: memnodeValue,

  read: (xml) => Object.fromEntries(guestCells(xml).map(({ id }) => {
    const element = xml.elements('numatune', 'memnode').find((each) => each.attribute('cellid') === id);
    return [id, element === undefined ? { mode: null, nodeset: null } : { mode: modeOf(element.attribute('mode') ?? 'strict'), nodeset: normalNodes(element.attribute('nodeset')) }];
  })),

  write(xml, unit, { mode: how, nodeset: nodes }) {
    const isMine = (element: { attribute(name: string): string | null }): boolean => element.attribute('cellid') === unit;
    const mine = xml.elements('numatune', 'memnode').find(isMine);
    if (how === null && nodes === null) {
      xml.remove(['numatune', 'memnode'], isMine);
      return;
    }
    const element = mine ?? xml.add(['numatune', 'memnode'], { cellid: unit }, 'cellid');
    if (how !== null && (mine === undefined || modeOf(element.attribute('mode') ?? 'strict') !== how)) element.setAttribute('mode', how);
    if (nodes === null) element.removeAttribute('nodeset');
    else if (normalNodes(element.attribute('nodeset')) !== nodes) element.setAttribute('nodeset', nodes);
  },

  check(value, _unit, _truth, facts, after) {
    const findings = [...policyFindings(value, 'There are')];
    if (value.mode !== null && value.nodeset === null) findings.push(error(`A mode needs nodes${hostNodes(facts).size === 0 ? '' : `: ${hostNodes(facts).toString()}`}.`));
    if (value.nodeset !== null) findings.push(...checkNodes(value.nodeset, facts));
    const whole = after.element(...path);
    if (value.mode !== null && whole?.attribute('placement') === 'auto') findings.push(error('The host places this guest by itself, so its nodes cannot have nodes of their own.'));
    if (value.mode !== null && (value.mode === 'restrictive') !== (whole?.attribute('mode') === 'restrictive')) findings.push(error('Mode restrictive is for the guest and each of its nodes, or for none of them.'));
    return findings;
  },

  step: () => null,
  say: ({ mode: how, nodeset: nodes }) => (how === null ? 'as the guest' : `${how}, ${nodeWords(nodes)}`),
  name: (unit) => `Guest node ${unit}`,
};
