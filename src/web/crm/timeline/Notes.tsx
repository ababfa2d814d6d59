import { ActionIcon, Avatar, Button, Group, Stack, Text, Tooltip } from '@mantine/core';
import { Pin, PinOff, StickyNote, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { EmptyState, Lines, Panel } from '../../ui/Panel';
import { LongText } from '../records/fields/LongText';
import { useDraft } from '../records/use-draft';
import { useRemove } from '../records/use-remove';

/** Notes on a record. */
export function Notes({ entityType, entityId }: { entityType: string; entityId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const { user } = useSignedIn();
  const may = useMay();
  const { draft, change, discard } = useDraft(`note.${entityId}`);
  const save = useSaveRecord('notes');
  const { remove } = useRemove({ table: 'notes', leaf: true });
  const [failed, setFailed] = useState(false);
  const { data, isPending } = useRecords(
    'notes',
    {
      filters: [
        ['entity_type', 'eq', entityType],
        ['entity_id', 'eq', entityId],
      ],
      order: [
        ['pinned', 'desc'],
        ['created_at', 'desc'],
      ],
    },
    { live: true },
  );
  const content = String(draft.content ?? '');
  const write = () =>
    save.mutate(
      { changes: { entity_type: entityType, entity_id: entityId, content } },
      {
        onSuccess: () => {
          setFailed(false);
          discard();
        },
        onError: () => setFailed(true),
      },
    );
  return (
    <Panel title={t('notes.title')}>
      <Stack gap="md">
        {user.role !== 'viewer' && (
          <Stack gap="xs">
            <LongText
              value={content}
              onChange={(event) => change('content', event.target.value)}
              placeholder={t('notes.placeholder')}
              aria-label={t('notes.placeholder')}
              minRows={2}
              error={failed ? t('form.draftStored') : undefined}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && content.trim()) write();
              }}
            />
            {content.trim() && (
              <Group justify="flex-end">
                <Button size="compact-sm" onClick={write} loading={save.isPending}>
                  {t('notes.add')}
                </Button>
              </Group>
            )}
          </Stack>
        )}
        {isPending && <Lines count={2} />}
        {data?.length === 0 && <EmptyState icon={StickyNote} title={t('notes.empty')} small />}
        {data?.map((note) => (
          <Group key={note.id} align="flex-start" wrap="nowrap" gap="sm">
            <Avatar name={nameOf(note.created_by)} color="initials" size={26} radius="xl" aria-hidden />
            <div style={{ flex: 1, minWidth: 0 }}>
              <Group justify="space-between" wrap="nowrap" gap={4}>
                <Text size="xs" c="dimmed" truncate>
                  {[nameOf(note.created_by), format.moment(note.created_at)].filter(Boolean).join(' · ')}
                </Text>
                <Group gap={0} wrap="nowrap">
                  {user.role !== 'viewer' && (
                    <Tooltip label={note.pinned ? t('notes.unpin') : t('notes.pin')}>
                      <ActionIcon
                        size="sm"
                        variant="subtle"
                        color={note.pinned ? 'marquee' : 'gray'}
                        aria-label={note.pinned ? t('notes.unpin') : t('notes.pin')}
                        onClick={() => save.mutate({ id: note.id, changes: { pinned: !note.pinned } })}
                      >
                        {note.pinned ? <PinOff size={14} /> : <Pin size={14} />}
                      </ActionIcon>
                    </Tooltip>
                  )}
                  {note.created_by === user.id && may('delete') && (
                    <ActionIcon
                      size="sm"
                      variant="subtle"
                      color="gray"
                      aria-label={t('delete')}
                      onClick={() => remove([note.id])}
                    >
                      <Trash2 size={14} />
                    </ActionIcon>
                  )}
                </Group>
              </Group>
              <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                {note.content}
              </Text>
            </div>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
