// A plan as virsh commands, for people.
import type { Plan } from './plan.ts';

/** The plan as a shell script of virsh commands, to be read, kept or run elsewhere. */
export const planCommands = (of: Plan): string =>
  of.steps.map(({ title, step: each, virsh }) => `# ${title.replaceAll(/\s+/g, ' ')}\n${each.kind === 'define' ? defineCommand(each.xml, each.text?.validate) : virsh}\n`).join('\n');

/** Defines a guest by a definition that stands in the command itself. */
export function defineCommand(xml: string, validate = false): string {
  const lines = new Set(xml.split('\n'));
  let end = 'END_OF_XML';
  while (lines.has(end)) end += '_';
  return `virsh define ${validate ? '--validate ' : ''}/dev/stdin <<'${end}'\n${xml}${xml.endsWith('\n') ? '' : '\n'}${end}`;
}
