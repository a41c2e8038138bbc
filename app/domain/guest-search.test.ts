// What is searched for is understood as it is written, or said where it is not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Beside, type Findable, fits, needs, parseSearch, searchKeyNames, searchKeys } from './guest-search.ts';
import { quoted } from './search-pieces.ts';

interface Guest extends Findable {
  readonly tags: readonly string[];
  readonly tuned: readonly string[] | null;
  readonly cpu: number | null;
  readonly usedKiB: number | null;
}

const gib = 1024 ** 2;
const web: Guest = { name: 'web-01', hostName: 'Atlas', state: 'running', vcpus: 4, memoryKiB: 8 * gib, persistent: true, autostart: true, managedSave: false, tags: ['Shop', 'front end'], tuned: ['pinned', 'cpu ≤ 800 %'], cpu: 0.75, usedKiB: 6 * gib };
const beside: Beside<Guest> = { tags: ({ tags }) => tags, tuned: ({ tuned }) => tuned, cpu: ({ cpu }) => cpu, usedKiB: ({ usedKiB }) => usedKiB };
const found = (text: string, change: Partial<Guest> = {}): boolean | null => fits(parseSearch(text), { ...web, ...change }, beside);
const wrong = (text: string): readonly (readonly [place: string, message: string])[] => parseSearch(text).problems.map(({ at, end, message }) => [text.slice(at, end), message]);

describe('a search', () => {
  it.each([
    ['', true], ['WEB', true], ['web atlas', true], ['web borealis', false], ['shop', true], ['"front end"', true], ['"end front"', false], ['-web', false], ['-db', true],
    ['name:b-0', true], ['name=web', false], ['name=WEB-01', true], ['host:atl,bor', true], ['host=atl', false], ['-host:atlas', false],
    ['state:running', true], ['state:Running', true], ['state:"shut off"', false], ['state:paused,running', true], ['-state:paused', true],
    ['tag:front', true], ['tag=front', false], ['tag="Front End"', true], ['-tag:db', true], ['tuned:pinned', true], ['tuned:"cpu ≤"', true], ['tuned:hugepages', false],
    ['is:autostart', true], ['is:transient', false], ['is:saved,active', true],
    ['mem>8G', false], ['mem>=8G', true], ['mem<8.1GiB', true], ['mem=8192M', true], ['mem:8G', true], ['-mem>4G', false],
    ['used>=6G', true], ['used>80%', false], ['used>74.9%', true], ['vcpus>3', true], ['vcpus=4', true], ['vcpus<4', false], ['cpu>50%', true], ['cpu>75', false], ['cpu<=75%', true],
    ['host:atlas state:running mem>4G -name:test "front end"', true], ['HOST:atlas', true],
  ])('%s: %s', (text, expected) => {
    expect([wrong(text), found(text)]).toEqual([[], expected]);
  });

  it('does not guess what is not known: neither a term nor its opposite holds, unless another term settles it', () => {
    const unknown = { tuned: null, cpu: null, usedKiB: null };
    expect(['tuned:pinned', '-tuned:pinned', 'cpu>50%', '-cpu>50%', 'used>1G', 'used>1%'].map((text) => found(text, unknown))).toEqual([null, null, null, null, null, null]);
    expect([found('cpu>50% db', unknown), found('db cpu>50%', unknown), found('cpu>50% web', unknown)]).toEqual([false, false, null]);
  });

  it('knows that a guest uses nothing that does not run', () => {
    expect(['cpu>1%', 'cpu<1%', 'used=0B', 'used<1%'].map((text) => found(text, { state: 'shutoff', cpu: null, usedKiB: null }))).toEqual([false, true, true, true]);
  });

  it('says what has to be looked up for it', () => {
    expect(needs(parseSearch('web tag:db mem>1G'))).toEqual({ tuned: false, cpu: false, used: false });
    expect(needs(parseSearch('tuned:pinned cpu>1 used>5%'))).toEqual({ tuned: true, cpu: true, used: true });
  });

  it.each([
    ['mem>16', 'mem>16', '“16” is no amount with a unit, as in mem>16G'],
    ['web mem>lots', 'mem>lots', '“lots” is no amount with a unit, as in mem>16G'],
    ['cpu>half x', 'cpu>half', '“half” is no percentage, as in cpu>50%'],
    ['vcpus>1.5', 'vcpus>1.5', '“1.5” is no whole number, as in vcpus>=8'],
    ['mem>1G,2G', 'mem>1G,2G', 'mem is compared with one number, as in mem>16G'],
    ['host>a', 'host>a', 'host cannot be compared by >, but as in host:atlas'],
    ['state:gone', 'state:gone', '“gone” is no state: there are nostate, running, blocked, paused, shutdown, shutoff, crashed, pmsuspended'],
    ['a -is:blue b', '-is:blue', '“blue” is nothing that a guest is: there are autostart, persistent, transient, saved, active'],
    ['host:', 'host:', 'nothing is said after host:, as in host:atlas'],
    ['host:a,', 'host:a,', 'nothing is said after host:, as in host:atlas'],
    ['memory>1G', 'memory>1G', 'there is no “memory” to search by; "memory>…" in quotes is searched for as it stands'],
    ['web - db', '-', 'nothing to search for is said here'],
    ['"web db', '"web db', 'the quote is not closed, so that all that follows belongs to it'],
  ])('says what is wrong with %s, and where', (text, place, message) => {
    expect(wrong(text)).toEqual([[place, message]]);
  });

  it('goes on with what is understood beside what is wrong', () => {
    expect([found('mem>lots web'), found('mem>lots db')]).toEqual([true, false]);
  });

  it('has an example of every key that is understood', () => {
    expect(searchKeyNames.flatMap((key) => wrong(searchKeys[key].example))).toEqual([]);
  });

  it('swallows nothing: all that is typed but spaces is in a term or a problem, in order and apart from each other', () => {
    const piece = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('host:', 'mem>1G', '-', '"', '\\', ',', 'state:running', ' ', 'tag="a b"', 'cpu<'));
    fc.assert(fc.property(fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')), (text) => {
      const { terms, problems } = parseSearch(text);
      const places = [...new Map([...terms, ...problems].map(({ at, end }) => [at, end]))].toSorted(([one], [other]) => one - other);
      let [from, left] = [0, ''];
      for (const [at, end] of places) {
        expect(at).toBeGreaterThanOrEqual(from);
        left += text.slice(from, at);
        from = end;
      }
      expect((left + text.slice(from)).trim()).toBe('');
    }));
  });

  it('finds any name as it is written in quotes, by word and by key, and by no other whole name', () => {
    const name = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== '');
    fc.assert(fc.property(name, name, (one, other) => {
      const guest = { ...web, name: one };
      expect(fits(parseSearch(quoted(one)), guest, beside)).toBe(true);
      expect(fits(parseSearch(`name=${quoted(other)}`), guest, beside)).toBe(one.toLowerCase() === other.toLowerCase());
      expect(fits(parseSearch(`-name=${quoted(one)} web`), guest, beside)).toBe(false);
    }));
  });

  it('compares amounts as numbers: exactly one of less, equal and more holds', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.integer({ min: 0, max: 2 ** 40 }), (has, asked) => {
      const held = ['<', '=', '>'].map((operator) => found(`mem${operator}${asked}KiB`, { memoryKiB: has }));
      expect(held).toEqual([has < asked, has === asked, has > asked]);
    }));
  });
});
