// History as a shell script of virsh commands: what was done, to be read, kept or done again elsewhere.
import type { Entry } from '../../app/contract/history.ts';
import { defineCommand } from '../../app/tuning/plan-commands.ts';

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
const comment = (text: string): string => `# ${oneLine(text)}`;

/** A step that was done is a command; one that was not, or is no command of virsh, is only told of. */
const stepLines = ({ savedAfter }: Entry, { title, virsh, outcome }: Entry['steps'][number]): readonly string[] => {
  if (virsh === '') return [comment(`${title}: ${outcome}`)];
  if (outcome !== 'done') return [comment(`${title}: ${outcome}`), comment(virsh)];
  if (!virsh.startsWith('virsh define ')) return [comment(title), virsh];
  return savedAfter === null ? [comment(`${title}: the definition is not in the history`)] : [comment(title), defineCommand(savedAfter)];
};

/**
 * The script of these entries, in their order. It does nothing until it is told where each host is.
 * Definitions in it are without passwords, as the history has them.
 */
export const historyScript = (entries: readonly Entry[]): string => {
  const hosts = new Map(entries.flatMap(({ host }) => (host === null ? [] : [[host.id, host.name] as const])));
  const variables = new Map([...hosts.keys()].map((id, at) => [id, `HOST_${at + 1}`]));
  let here = '';
  const sections = entries.map((entry) => {
    const { at, user, title, outcome, host, guest, steps } = entry;
    const where = [guest?.name, host?.name].filter((name) => name !== undefined).join(' on ');
    const variable = variables.get(host?.id ?? '') ?? here;
    const turn = variable === here ? [] : [`export LIBVIRT_DEFAULT_URI="$${variable}"`];
    here = variable;
    return [comment(`${new Date(at).toISOString()} ${user}: ${title}${where === '' ? '' : `, ${where}`}: ${outcome}`), ...turn, ...steps.flatMap((step) => stepLines(entry, step))].join('\n');
  });
  const head = ['#!/bin/sh', '# What was done, the first first, as virsh commands. Definitions are without passwords: defining one anew takes them away.', 'set -eu'];
  const places = [...hosts].map(([id, name]) => `${comment(`The libvirt URI of ${name}:`)}\n: "\${${variables.get(id) ?? ''}:?is to be the libvirt URI of a host, see this script}"`);
  return `${[head.join('\n'), ...places, ...sections].join('\n\n')}\n`;
};
