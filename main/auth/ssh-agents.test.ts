// Where agents are looked for.
import { expect, it } from 'vitest';
import { agentAddresses } from './ssh-agents.ts';

it.each([
  ['linux', undefined, '/run/agent', ['/run/agent']], ['linux', undefined, undefined, []], ['linux', undefined, '', []],
  ['darwin', '/own', '/run/agent', ['/own']], ['linux', 'none', '/run/agent', []],
  ['win32', undefined, undefined, ['\\\\.\\pipe\\openssh-ssh-agent', 'pageant']], ['win32', undefined, 'C:/agent', ['C:/agent']], ['win32', 'none', undefined, []],
] as const)('on %s, configured %s, in the environment %s: %j', (platform, configured, named, addresses) => {
  expect(agentAddresses(configured, { SSH_AUTH_SOCK: named }, platform)).toEqual(addresses);
});
