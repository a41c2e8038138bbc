// What a person is told of without having asked: its kinds, and how loud each is.

/** How loud: not at all, in the program's own list, or also by the system while the window is not looked at. */
export const noticeLevels = ['off', 'list', 'system'] as const;
export type NoticeLevel = (typeof noticeLevels)[number];

/** Everything that is told of, and how loud it is where nobody says otherwise. */
export const noticeKinds = {
  guestCrashed: { label: 'A guest crashes', usual: 'system' },
  guestStopped: { label: 'A guest stops, and not from here', usual: 'list' },
  hostLost: { label: 'A host is lost', usual: 'system' },
  hostBack: { label: 'A host is back', usual: 'list' },
  taskEnded: { label: 'A task ends', usual: 'system' },
  certificate: { label: 'A certificate ends soon', usual: 'system' },
} as const satisfies Readonly<Record<string, { readonly label: string; readonly usual: NoticeLevel }>>;
export type NoticeKind = keyof typeof noticeKinds;
export const noticeKindNames = Object.keys(noticeKinds) as [NoticeKind, ...NoticeKind[]];

/** How loud each kind is, where that was said. */
export type NoticeLevels = Readonly<Partial<Record<NoticeKind, NoticeLevel | undefined>>>;

export const levelOf = (kind: NoticeKind, said: NoticeLevels | undefined): NoticeLevel => said?.[kind] ?? noticeKinds[kind].usual;
