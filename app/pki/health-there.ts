// What a shell on the host found, judged: its files, whom it trusts, whom it lets in, what it listens with.
import { lettingIn } from './allowed-names.ts';
import { fail, type Finding, type HealthCheck, ok, unknown, warn } from './health.ts';
import type { FilesThere, HealthFacts } from './health-facts.ts';
import { describeFiles, judgeModes, judgeRevocations } from './health-files.ts';

const checks = ['hostFiles', 'hostAuthority', 'hostRevocations', 'allowedNames', 'listening'] as const satisfies readonly HealthCheck[];

/** The lines that need a shell on the host; none where nobody has one. */
export function judgeThere(facts: HealthFacts): readonly Finding[] {
  const { there } = facts;
  if (there === null) return [];
  if (typeof there === 'string') return checks.map((check) => unknown(check, there));
  return [judgeFiles(there), judgeAuthority(facts, there), judgeRevocations('hostRevocations', there.revocations, facts.now, 'host'), judgeAllowed(facts, there), judgeListening(facts, there)];
}

function judgeFiles({ missing, found, unread, keyMatches, isShown, daemon }: FilesThere): Finding {
  const install = [{ kind: 'reinstall', where: 'host' }] as const;
  if (missing.length > 0) return fail('hostFiles', `There is no ${missing.join(', ')}: ${daemon} cannot begin TLS.`, install);
  if (keyMatches === false) return fail('hostFiles', 'The key does not belong to the certificate: TLS fails from the next start of the daemon on.', install);
  const { problems, remedies } = judgeModes(found, 'host');
  if (problems.length > 0) return warn('hostFiles', problems.join(' '), remedies);
  if (isShown === false) {
    const restart = { kind: 'showCommand', label: 'How to restart the daemon', command: `sudo systemctl restart ${daemon}.service`, where: 'host' } as const;
    return warn('hostFiles', `The certificate in the file is not the one the host shows: ${daemon} has not read it yet.`, [restart]);
  }
  if (unread.length > 0) return found.length === 0 ? unknown('hostFiles', `Who is logged in may not look at ${unread.join(', ')}.`) : ok('hostFiles', `${describeFiles(found)}. Not looked at, for want of rights: ${unread.join(', ')}.`);
  return ok('hostFiles', `${describeFiles(found)}${keyMatches === true ? '; key and certificate belong together' : ''}.`);
}

function judgeAuthority({ files: { client } }: HealthFacts, { signsClient, authorityFile }: FilesThere): Finding {
  if (client === null) return unknown('hostAuthority', 'This computer has no client certificate to compare with.', 'client');
  if (signsClient === null) return unknown('hostAuthority', `${authorityFile} of the host could not be read.`);
  const issuer = client.certificate.issuer.text;
  if (signsClient) return ok('hostAuthority', `${authorityFile} of the host signed the client certificate of this computer.`);
  return fail('hostAuthority', `${authorityFile} of the host did not sign the client certificate of this computer, which is issued by ${issuer}.`, [
    { kind: 'makeNew', what: 'client', names: [] }, { kind: 'trustAuthority', where: 'host', authority: issuer, path: authorityFile },
  ]);
}

function judgeAllowed({ files: { client } }: HealthFacts, { settings }: FilesThere): Finding {
  if (typeof settings === 'string') return unknown('allowedNames', settings);
  const { allowedNames, verifiesClients, path } = settings;
  if (!verifiesClients) return warn('allowedNames', `${path} says tls_no_verify_certificate: the host lets in whoever comes, with any certificate or none.`);
  if (allowedNames === null) return ok('allowedNames', 'There is no tls_allowed_dn_list: every client of the authority is let in.');
  if (client === null) return unknown('allowedNames', `${path} lets in ${allowedNames.join(' and ') || 'nobody'}.`, 'client');
  const name = client.certificate.subject.text;
  const pattern = lettingIn(allowedNames, name);
  if (pattern !== null) return ok('allowedNames', `${name} is let in by “${pattern}” of tls_allowed_dn_list.`);
  return fail('allowedNames', `${name} is not let in: tls_allowed_dn_list in ${path} has ${allowedNames.map((one) => `“${one}”`).join(', ') || 'no names at all'}.`, [{ kind: 'allowName', name }]);
}

function judgeListening({ reach, port: wanted }: HealthFacts, { settings, units, daemon }: FilesThere): Finding {
  const active = units.filter(({ state }) => state === 'active');
  const through = active.map(({ name }) => `${name} is active`).join(', ');
  if (reach.isOpen) return ok('listening', through === '' ? `${daemon} listens by itself.` : `${through}.`);
  if (active.length > 0) return warn('listening', `${through}, and yet port ${wanted} cannot be reached from here.`, [{ kind: 'openPort', port: wanted }]);
  const [unit] = units;
  const start = unit === undefined ? [] : [{ kind: 'startUnit', unit: unit.name === 'virtproxyd-tls.socket' ? 'virtproxyd-tls.socket' : 'libvirtd-tls.socket' } as const];
  const configured = typeof settings === 'string' ? '' : [
    ...(settings.listenTls ? [] : [` ${settings.path} says listen_tls = 0.`]),
    ...(settings.port === wanted ? [] : [` ${settings.path} names port ${settings.port}, not ${wanted}.`]),
    ...(settings.address === null ? [] : [` ${settings.path} names ${settings.address} to listen on.`]),
  ].join('');
  return fail('listening', `${unit === undefined ? `There is no socket unit for TLS, and ${daemon} does not listen by itself` : `${unit.name} is ${unit.state}${unit.file === '' ? '' : ` and ${unit.file}`}`}.${configured}`, start);
}
