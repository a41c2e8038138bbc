// The daemon's settings: what a file says of them, and the rules between them.
import { describe, expect, it } from 'vitest';
import { daemonSettingNames, daemonSettings, readDaemonValues, settingProblem, settingProblems, settingWarnings } from './daemon-settings.ts';
import { parseSettings } from './settings-file.ts';

const valuesOf = (content: string) => readDaemonValues(parseSettings(content, (line, expected) => new Error(`${line} ${expected}`)));

describe('a daemon’s settings', () => {
  it('are read by their form; what the file does not set is null', () => {
    const values = valuesOf('listen_tls = 0\nauth_tls = "sasl"\ntls_allowed_dn_list = ["CN=a", "CN=*"]\nmax_clients = "many"\n');
    expect(values).toMatchObject({ listen_tls: 0, auth_tls: 'sasl', tls_allowed_dn_list: ['CN=a', 'CN=*'], max_clients: 'many', min_workers: null });
  });

  it('are well when nothing is set: the defaults keep the rules', () => {
    expect([settingProblems({}), settingWarnings({})]).toEqual([[], []]);
    for (const name of daemonSettingNames) {
      const { usual } = daemonSettings[name];
      if (usual !== null) expect(settingProblem(name, usual)).toBeNull();
    }
  });

  it.each([
    [{ listen_tls: 2 }, 'listen_tls', 'is 0 or 1'], [{ max_clients: 0 }, 'max_clients', 'from 1'], [{ max_clients: 1.5 }, 'max_clients', 'whole number'], [{ max_clients: '9' }, 'max_clients', 'whole number'],
    [{ auth_tls: 'polkit' }, 'auth_tls', 'one of none, sasl'], [{ tls_allowed_dn_list: [''] }, 'tls_allowed_dn_list', 'none of them empty'], [{ tls_allowed_dn_list: 'CN=a' }, 'tls_allowed_dn_list', 'list'],
    [{ min_workers: 21 }, 'min_workers', 'greater than max_workers (20)'], [{ max_workers: 4 }, 'min_workers', 'min_workers (5)'],
  ] as const)('are refused where a rule is broken: %j', (values, name, words) => {
    expect(settingProblems(values)).toEqual([{ name, message: expect.stringContaining(words) }]);
  });

  it('warn of what opens or shuts the host', () => {
    expect(settingWarnings({ auth_tcp: 'none', listen_tcp: 1, tls_allowed_dn_list: [], max_client_requests: 1, prio_workers: 0 }).map(({ name }) => name))
      .toEqual(['auth_tcp', 'listen_tcp', 'tls_allowed_dn_list', 'max_client_requests', 'prio_workers']);
  });
});
