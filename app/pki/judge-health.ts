// Facts about a TLS connection judged: a line for each thing it rests on, those that only follow from another pointing to it.
import { fail, type Finding, type HealthCheck, healthChecks, ok, unknown, warn } from './health.ts';
import { judgeDates, judgePurpose, judgeStrength } from './health-certificate.ts';
import type { Authority, HealthFacts, HostShown } from './health-facts.ts';
import { describeFiles, judgeModes, judgeRevocations } from './health-files.ts';
import type { HealthRemedy } from './health-remedy.ts';
import { judgeThere } from './health-there.ts';
import { alternativeNameText } from './subject.ts';

/** All lines that apply, in the order of `healthChecks`. */
export function judgeHealth(facts: HealthFacts): readonly Finding[] {
  const found = [...judgeWay(facts), ...judgeHost(facts), ...judgeAuthorities(facts), ...judgeClient(facts), ...judgeHere(facts), ...judgeThere(facts)];
  const lines = explained([...found, judgeWelcome(facts)], facts);
  return [...lines].sort((one, other) => healthChecks.indexOf(one.check) - healthChecks.indexOf(other.check));
}

function judgeWay({ reach, handshake }: HealthFacts): readonly Finding[] {
  const port: Finding = { check: 'port', state: reach.isOpen ? 'ok' : 'fail', seen: reach.seen, remedies: reach.remedies };
  if (handshake === null) return [port, unknown('handshake', 'Not reached.', 'port')];
  if (typeof handshake === 'string') return [port, fail('handshake', handshake)];
  return [port, ok('handshake', `${handshake.protocol} with ${handshake.cipher}.`)];
}

const hostChecks = ['hostChain', 'hostDates', 'hostName', 'hostPurpose', 'hostStrength'] as const satisfies readonly HealthCheck[];

function judgeHost(facts: HealthFacts): readonly Finding[] {
  const { shown, host, now, handshake } = facts;
  if (shown === null) return hostChecks.map((check) => unknown(check, 'The host has shown no certificate.', handshake === null ? 'port' : 'handshake'));
  const again: readonly HealthRemedy[] = [{ kind: 'makeNew', what: 'host', names: [host] }];
  return [
    judgeChain(facts, shown),
    judgeDates('hostDates', shown, now, again),
    judgeName(facts, shown),
    judgePurpose('hostPurpose', shown, 'host', again),
    judgeStrength('hostStrength', shown, again),
  ];
}

function judgeChain({ files, host, unverified }: HealthFacts, { certificate, isSigned }: HostShown): Finding {
  const issuer = certificate.issuer.text;
  const note = unverified ? ' The connection takes it all the same, because of no_verify.' : '';
  if (files.authorities.length === 0) return unknown('hostChain', `It is issued by ${issuer}; there is nothing here to check that by.${note}`, 'files');
  if (isSigned) return ok('hostChain', `Issued by ${issuer}, which ${files.authorityFile} leads to.`);
  return fail('hostChain', `It is issued by ${issuer}, and neither ${files.authorityFile} nor what the host sent along leads to that.${note}`, [
    { kind: 'trustAuthority', where: 'here', authority: issuer, path: files.authorityFile }, { kind: 'makeNew', what: 'host', names: [host] },
  ]);
}

function judgeName({ host }: HealthFacts, { certificate, isNamed }: HostShown): Finding {
  const names = certificate.names.map(alternativeNameText);
  if (isNamed) return ok('hostName', `${host} is among ${names.join(', ') || certificate.subject.text}.`);
  return fail('hostName', `It is for ${names.join(', ') || certificate.subject.text}, not for ${host}.`, [
    ...(names.length === 0 ? [] : [{ kind: 'connectBy', names } as const]), { kind: 'makeNew', what: 'host', names: [...names, host] },
  ]);
}

/** The worst of several findings of one line; of equals the first. */
function worst(findings: readonly Finding[]): Finding | undefined {
  const order = ['fail', 'warn', 'unknown', 'ok'] as const;
  return [...findings].sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state))[0];
}

/** Authorities that signed nothing here may be left over: clients of libvirt before 11.6 look at them all the same. */
function judgeAuthorities({ files: { authorities, authorityFile }, now }: HealthFacts): readonly Finding[] {
  const again: readonly HealthRemedy[] = [{ kind: 'makeNew', what: 'authority', names: [] }];
  const used = authorities.filter(({ isUsed }) => isUsed);
  const judged = used.length > 0 ? used : authorities;
  const named = (one: Authority, finding: Finding): Finding => ({ ...finding, seen: `${one.certificate.subject.text}: ${finding.seen}` });
  const lines = [
    worst(judged.map((one) => named(one, judgeDates('authorityDates', one, now, again)))),
    worst(judged.map((one) => named(one, judgePurpose('authorityPurpose', one, 'authority', again)))),
    worst(judged.map((one) => named(one, judgeStrength('authorityStrength', one, again)))),
  ].filter((line) => line !== undefined);
  const leftOver = authorities.find((one) => !judged.includes(one) && (one.certificate.notAfter < now || !one.certificate.isAuthority));
  if (leftOver === undefined) return lines;
  const words = `${authorityFile} also holds ${leftOver.certificate.subject.text}, which is ${leftOver.certificate.isAuthority ? 'out of date' : 'no authority'}: virsh up to 11.5 stops at that.`;
  return lines.map((line) => (line.check === 'authorityDates' && line.state === 'ok' ? warn('authorityDates', words, [{ kind: 'reinstall', where: 'here' }]) : line));
}

function judgeClient({ files: { client, authorityFile, authorities, problem }, accepts, now, welcome }: HealthFacts): readonly Finding[] {
  const again: readonly HealthRemedy[] = [{ kind: 'makeNew', what: 'client', names: [] }];
  if (client === null) {
    if (problem !== null) return [unknown('client', 'It could not be read.', 'files')];
    if (welcome === 'welcomed') return [warn('client', 'There is none, and the host lets this computer in without: it asks nobody for one.')];
    return [fail('client', 'There is none: clientcert.pem and clientkey.pem have to lie together in one place.', [...again, { kind: 'reinstall', where: 'here' }])];
  }
  const { certificate, hasItsKey, isSigned } = client;
  const issuer = certificate.issuer.text;
  const authority: Finding = accepts !== null && !accepts.ours
    ? fail('clientIssuer', `It is issued by ${issuer}; the host takes only clients of ${accepts.names.join(' or ')}.`, [...again, { kind: 'trustAuthority', where: 'host', authority: issuer, path: 'cacert.pem' }])
    : authorities.length === 0 ? unknown('clientIssuer', `It is issued by ${issuer}; there is nothing here to check that by.`, 'files')
    : isSigned ? ok('clientIssuer', `Issued by ${issuer}, which ${authorityFile} leads to${accepts === null ? '' : ', and whose clients the host takes'}.`)
    : fail('clientIssuer', `It is issued by ${issuer}, and ${authorityFile} does not lead to that: libvirt’s clients stop before they connect.`, again);
  return [
    hasItsKey ? ok('client', `${certificate.subject.text}.`) : fail('client', 'The client certificate and the client key do not belong together.', [...again, { kind: 'reinstall', where: 'here' }]),
    authority,
    judgeDates('clientDates', client, now, again),
    judgePurpose('clientPurpose', client, 'client', again),
    judgeStrength('clientStrength', client, again),
  ];
}

function judgeHere({ files, now }: HealthFacts): readonly Finding[] {
  const revocations = files.authorities.length === 0 ? [] : [judgeRevocations('revocations', files.revocations, now, 'here')];
  if (files.problem !== null) return [...revocations, fail('files', files.problem, [{ kind: 'reinstall', where: 'here' }])];
  const { problems, remedies } = judgeModes(files.found, 'here');
  return [...revocations, problems.length > 0 ? warn('files', problems.join(' '), remedies) : ok('files', `${describeFiles(files.found)}.`)];
}

function judgeWelcome({ welcome, reach, handshake, accepts, files: { client }, host }: HealthFacts): Finding {
  const log = { kind: 'showCommand', label: 'How to see the daemon’s log', command: 'sudo journalctl --unit=libvirtd --unit=virtproxyd --lines=20', where: 'host' } as const;
  switch (welcome) {
    case 'welcomed':
      return ok('welcome', `${host} took this computer’s certificate.`);
    case 'refused': {
      const name = client?.certificate.subject.text ?? '';
      const known = accepts === null ? ' Either it does not know the authority of this computer, or its' : ' It knows the authority of this computer: its';
      return fail('welcome', `${host} ended the connection after the handshake.${known} tls_allowed_dn_list lacks ${name}, or its revocation list holds this computer’s certificate.`, [{ kind: 'allowName', name }, log]);
    }
    case 'silent':
      return fail('welcome', `${host} said nothing after the handshake: it may be at its limit of connections.`, [log]);
    case 'other':
      return fail('welcome', `What answers on ${host} speaks TLS, but is not libvirt.`);
    case null:
      return unknown('welcome', 'Not reached.', reach.isOpen && handshake !== null ? 'handshake' : 'port');
  }
}

/** Lines about what the host looks at before it lets us in, those that tell most first. It is sent the authority along with our own certificate. */
const reasons = [
  'hostAuthority', 'clientIssuer', 'client', 'clientDates', 'clientPurpose', 'clientStrength', 'hostRevocations', 'allowedNames', 'revocations',
  'authorityDates', 'authorityPurpose', 'authorityStrength', 'files',
] as const satisfies readonly HealthCheck[];

/** OpenSSL's codes → the line they belong to; all others belong to the chain. */
const lineOfVerdict: Readonly<Record<string, HealthCheck>> = {
  CERT_HAS_EXPIRED: 'hostDates', CERT_NOT_YET_VALID: 'hostDates', INVALID_PURPOSE: 'hostPurpose', INVALID_CA: 'authorityPurpose', PATH_LENGTH_EXCEEDED: 'authorityPurpose',
  CERT_REVOKED: 'revocations', CRL_HAS_EXPIRED: 'revocations', CRL_NOT_YET_VALID: 'revocations', CRL_SIGNATURE_FAILURE: 'revocations', UNABLE_TO_GET_CRL: 'revocations',
};
const judgedByVerdict = ['hostChain', 'hostDates', 'hostPurpose', 'authorityDates', 'authorityPurpose', 'revocations'] as const satisfies readonly HealthCheck[];

/** One thing wrong is told in one line: a refusal that another line explains points to it, and what is refused and unexplained is not left well. */
function explained(lines: readonly Finding[], { welcome, shown, files, unverified, refused }: HealthFacts): readonly Finding[] {
  const find = (wanted: readonly HealthCheck[], fits: (line: Finding) => boolean): Finding | undefined => wanted.flatMap((check) => lines.filter((line) => line.check === check)).find(fits);
  const replace = (made: Finding): readonly Finding[] => lines.map((line) => (line.check === made.check ? made : line));
  if (welcome === 'refused') {
    const reason = find(reasons, ({ state }) => state === 'fail') ?? find(reasons, ({ mayRefuse }) => mayRefuse === true);
    if (reason === undefined) return lines;
    const seen = 'The host ended the connection after the handshake.';
    return lines.map((line) => (line.check === 'welcome' ? unknown('welcome', seen, reason.check) : line === reason ? { ...line, state: 'fail' as const } : line));
  }
  if (lines.some(({ state }) => state === 'fail')) return lines;
  const { verdict } = shown ?? { verdict: null };
  if (verdict !== null && !unverified && files.authorities.length > 0 && find(judgedByVerdict, ({ state }) => state === 'fail') === undefined) {
    const line = lineOfVerdict[verdict] ?? 'hostChain';
    return replace(fail(line, `OpenSSL does not take the certificate of the host: ${verdict}.`));
  }
  return refused === null ? lines : replace(fail('welcome', refused));
}
