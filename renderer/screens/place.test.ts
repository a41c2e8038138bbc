// Addresses and places.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deepLink } from '../../app/domain/deep-link.ts';
import { knobNames } from '../../app/tuning/knobs.ts';
import { addressOf, guestTabs, hostParts, linkTo, type Place, placeAt } from './place.ts';

const part = fc.string({ unit: 'grapheme', minLength: 1 });
const name = part.filter((text) => deepLink.shape.host.safeParse(text).success);
const uuid = fc.uuid();
const places: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom<Place>({ at: 'fleet' }, { at: 'history' }, { at: 'settings' }),
  part.map((host): Place => ({ at: 'host', host })),
  part.map((host): Place => ({ at: 'history', host })),
  fc.record({ at: fc.constant('host' as const), host: part, part: fc.constantFrom(...hostParts) }),
  fc.constant<Place>({ at: 'certificates' }),
  fc.record({ at: fc.constant('certificates' as const), setUp: fc.string({ unit: 'grapheme' }) }),
  fc.record({ at: fc.constant('certificates' as const), setUp: fc.string({ unit: 'grapheme' }), certificate: part }),
  fc.record({ at: fc.constant('guest' as const), host: part, uuid, tab: fc.constantFrom(...guestTabs) }),
  fc.record({ at: fc.constant('guest' as const), host: part, uuid, tab: fc.constant('cpu' as const), setting: fc.constantFrom(...knobNames) }),
  fc.record({ at: fc.constant('guest' as const), host: part, uuid, tab: fc.constantFrom(...guestTabs), alone: fc.constant(true as const) }),
  fc.record({ host: name, guest: name, tab: fc.option(name) }).map((to): Place => ({ at: 'link', to })),
);

it('every place is found again by its address', () => {
  fc.assert(fc.property(places, (place) => {
    expect(placeAt(addressOf(place))).toEqual(place);
  }));
});

it.each(['', '#', '#/', '#/nowhere', '#/hosts/', '#/guests/host', '#/hosts/%zz', '#/open/atlas', '#/open/a/b/c/d', '#/open/a/%00'])('%s is the fleet', (address) => expect(placeAt(address)).toEqual({ at: 'fleet' }));

it('a tab that does not exist is the overview', () => expect(placeAt('#/guests/h/u/nothing')).toEqual({ at: 'guest', host: 'h', uuid: 'u', tab: 'overview' }));

it('the link to a guest has its names, or its ids where a link cannot carry them, and leads to its tab', () => {
  const place = { at: 'guest', host: 'h1', uuid: 'u1', tab: 'cpu' } as const;
  expect([linkTo(place, { host: 'Demo host', guest: 'web/01' }), linkTo({ ...place, tab: 'overview' }, { host: '', guest: ' web' })]).toEqual(['guestdeck://Demo%20host/web%2F01/cpu', 'guestdeck://h1/u1']);
});
