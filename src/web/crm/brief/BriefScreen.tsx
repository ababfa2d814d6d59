import { Alert, Badge, Box, Button, Center, Checkbox, Group, Stack, Text, Title } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { CloudOff, CloudUpload } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import type { Edit } from '../../hooks/offline/edits';
import { keepPage } from '../../hooks/offline/offline-page';
import type { Me } from '../../hooks/offline/offline-store';
import { ContactCard } from '../../ui/ContactCard';
import { ButtonTo, LinkTo } from '../../ui/LinkTo';
import { Failed, Panel, WaitingPage } from '../../ui/Panel';
import { NotFound } from '../../ui/RouteStates';
import { StatusBadge } from '../../ui/StatusBadge';
import { Venue } from '../events/Venue';
import { UnsavedEdits } from '../records/UnsavedEdits';
import today from '../today/Today.module.css';
import classes from './Brief.module.css';
import { BriefHours } from './BriefHours';
import type { Booth, Brief, Ordered } from './load-brief';
import { useBrief, useMe } from './use-brief';

/** The crew's mobile page for one event. Works offline. */
export function BriefScreen() {
  const { t } = useTranslation();
  const me = useMe();
  const { id } = useParams({ strict: false }) as { id: string };
  if (me === undefined) return <WaitingPage />;
  if (me === null) {
    return (
      <Center h="100dvh">
        <ButtonTo to="/sign-in" search={{ from: `/brief/${id}` }}>
          {t('signIn.submit')}
        </ButtonTo>
      </Center>
    );
  }
  return <OpenBrief me={me} eventId={id} />;
}

function OpenBrief({ me, eventId }: { me: Pick<Me, 'id'>; eventId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, isPending, refetch, edits, state, change } = useBrief(me, eventId);
  const loaded = Boolean(data);
  useEffect(() => {
    if (loaded) void keepPage();
  }, [loaded]);
  if (isPending) return <WaitingPage />;
  if (error && !data) {
    return (
      <div className={classes.page}>
        <Failed error={error} retry={() => void refetch()} />
      </div>
    );
  }
  if (!data) return <NotFound />;
  const { brief } = data;
  const offline = data.offline || state === 'offline';
  const signedOut = (data.offline && data.signedOut) || state === 'signed_out';
  const shifts = brief.crew.filter(({ user_id }) => user_id === me.id);
  const colleagues = brief.crew.filter(({ user_id }) => user_id !== me.id);
  const waiting = edits.filter(({ problem }) => !problem).length;
  const editOf = (key: string) => edits.find((edit) => edit.key === key);
  return (
    <main className={classes.page}>
      <div className={classes.bar}>
        <LinkTo to="/brief" size="sm" c="dimmed">
          ← {t('brief.all')}
        </LinkTo>
        <span style={{ flex: 1 }} />
        {waiting > 0 && (
          <Badge tt="none" color="orange" leftSection={<CloudUpload size={13} />} role="status">
            {t('brief.waiting', { count: waiting })}
          </Badge>
        )}
        {offline && (
          <Badge tt="none" color="gray" leftSection={<CloudOff size={13} />} role="status">
            {t('brief.offline')}
          </Badge>
        )}
      </div>
      <Stack gap="md">
        <div>
          <Title order={1} fz={22} lh={1.2}>
            {brief.event.title}
          </Title>
          <Group gap="xs" mt={6}>
            <Text c="dimmed" size="sm">
              {brief.event.event_number}
            </Text>
            <StatusBadge value={brief.event.status} />
          </Group>
          {offline && (
            <Text c="dimmed" size="sm" mt={6}>
              {t('brief.asOf', { at: format.moment(brief.readAt) })}
            </Text>
          )}
        </div>
        {signedOut && (
          <Alert color="orange">
            {t('brief.signedOut')}{' '}
            <LinkTo to="/sign-in" search={{ from: `/brief/${eventId}` }} inherit>
              {t('signIn.submit')}
            </LinkTo>
          </Alert>
        )}
        <UnsavedEdits edits={edits} />
        {brief.dates.map((date) => (
          <Panel key={date.id} title={format.day(date.event_date)}>
            <div className={classes.times}>
              {date.setup_time && <Fact label={t('field.setup_time')}>{format.clock(date.setup_time)}</Fact>}
              <Fact label={t('field.start_time')}>{format.clock(date.start_time)}</Fact>
              <Fact label={t('field.end_time')}>{format.clock(date.end_time)}</Fact>
            </div>
            {date.place && (
              <Box mt="sm">
                <Venue place={date.place} />
              </Box>
            )}
            {date.notes && (
              <Text mt="sm" style={{ whiteSpace: 'pre-line' }}>
                {date.notes}
              </Text>
            )}
          </Panel>
        ))}
        <Essentials brief={brief} />
        <Order order={brief.order} />
        <BriefHours shifts={shifts} editOf={editOf} change={change} />
        <Panel title={t('entity.event_core_task_completion.many')} flush>
          {brief.steps.map((step) => {
            const key = `event_core_task_completion:${step.id}`;
            const edit = editOf(key);
            const changes = edit?.kind === 'row' ? edit.changes : {};
            const checked = Boolean(changes.is_completed ?? step.is_completed);
            return (
              // biome-ignore lint/a11y/noLabelWithoutControl: the label contains the checkbox
              <label key={step.id} className={classes.step}>
                <Checkbox
                  size="md"
                  checked={checked}
                  onChange={(event) =>
                    change({
                      kind: 'row',
                      key,
                      table: 'event_core_task_completion',
                      id: step.id,
                      version: step.version,
                      changes: { is_completed: event.target.checked },
                      label: step.name_snapshot,
                    })
                  }
                />
                <Text td={checked ? 'line-through' : undefined}>{step.name_snapshot}</Text>
              </label>
            );
          })}
        </Panel>
        <Panel title={t('entity.booth_assignments.many')} flush>
          {brief.booths.map((booth) => (
            <BoothRow
              key={booth.id}
              booth={booth}
              pending={edits.findLast((edit) => edit.kind === 'call' && edit.id === booth.id)}
              onCall={(name, parameters) =>
                change({
                  kind: 'call',
                  key: `${name}:${booth.id}`,
                  name,
                  id: booth.id,
                  parameters,
                  label: `${booth.booth?.name}: ${t(name === 'check_out_booth' ? 'inventory.checkOut' : 'inventory.checkIn')}`,
                })
              }
            />
          ))}
        </Panel>
        {brief.equipment.length > 0 && (
          <Panel title={t('availability.rows.equipment')} flush>
            {brief.equipment.map((piece) => (
              <div key={piece.id} className={today.row}>
                <span className={today.title}>{pieceOf(piece)}</span>
              </div>
            ))}
          </Panel>
        )}
        {colleagues.length > 0 && (
          <Panel title={t('brief.colleagues')} flush>
            {colleagues.map((shift) => (
              <div key={shift.id} className={today.row}>
                <span className={today.text}>
                  <span className={today.title}>{shift.name}</span>
                  <span className={today.sub}>
                    {[shift.role?.name, format.clock(shift.arrival_time)].filter(Boolean).join(' · ')}
                  </span>
                </span>
                <StatusBadge value={shift.status} />
              </div>
            ))}
          </Panel>
        )}
      </Stack>
    </main>
  );
}

function Essentials({ brief: { event } }: { brief: Brief }) {
  const { t } = useTranslation();
  const remarks = [event.load_in_notes, event.notes].filter(Boolean);
  if (!event.onsite_contact_name && !event.dress_code && remarks.length === 0) return null;
  return (
    <Panel title={t('section.onsite', t('brief.onsite'))}>
      <Stack gap="xs">
        {event.onsite_contact_name && (
          <ContactCard name={event.onsite_contact_name} phone={event.onsite_contact_phone} />
        )}
        {event.dress_code && <Fact label={t('field.dress_code')}>{event.dress_code}</Fact>}
        {event.guest_count !== null && <Fact label={t('field.guest_count')}>{event.guest_count}</Fact>}
        {remarks.map((remark) => (
          <Text key={remark} style={{ whiteSpace: 'pre-line' }}>
            {remark}
          </Text>
        ))}
      </Stack>
    </Panel>
  );
}

/** Package and add-ons, without prices. */
function Order({ order }: { order: readonly Ordered[] }) {
  const { t } = useTranslation();
  if (order.length === 0) return null;
  return (
    <Panel title={t('glance.ordered')} flush>
      {order.map((item) => (
        <div key={item.id} className={today.row}>
          <span className={today.text} data-wraps>
            <span className={today.title}>
              {Number(item.quantity) !== 1 && `${Number(item.quantity)} × `}
              {item.name}
            </span>
            {Array.isArray(item.includes) && <span className={today.sub}>{item.includes.join(', ')}</span>}
          </span>
        </div>
      ))}
    </Panel>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text fw={600}>{children}</Text>
    </div>
  );
}

function pieceOf({ quantity, item }: Booth['kit'][number]): string {
  return `${quantity} × ${item?.name} (${item?.asset_tag})`;
}

interface BoothRowProperties {
  booth: Booth;
  pending: Edit | undefined;
  onCall: (name: 'check_out_booth' | 'check_in_booth', parameters: Record<string, unknown>) => void;
}

/** A booth and its kit, with check-out and check-in that also work offline. */
function BoothRow({ booth, pending, onCall }: BoothRowProperties) {
  const { t } = useTranslation();
  const call = pending?.kind === 'call' && !pending.problem ? pending.name : undefined;
  const status = call ? (call === 'check_out_booth' ? 'checked_out' : 'returned') : booth.status;
  return (
    <div className={today.row}>
      <span className={today.text}>
        <Group gap="xs">
          <span className={today.title}>
            {[booth.booth?.name, booth.booth?.type?.name].filter(Boolean).join(' · ')}
          </span>
          <StatusBadge value={status} />
        </Group>
        <Text size="sm" c="dimmed">
          {booth.kit.map(pieceOf).join(', ')}
        </Text>
      </span>
      {!pending && status === 'reserved' && (
        <Button onClick={() => onCall('check_out_booth', { booth_assignment_id: booth.id })} variant="light">
          {t('inventory.checkOut')}
        </Button>
      )}
      {!pending && status === 'checked_out' && (
        <Button
          onClick={() => onCall('check_in_booth', { booth_assignment_id: booth.id, condition: 'good' })}
          variant="default"
        >
          {t('inventory.checkIn')}
        </Button>
      )}
    </div>
  );
}
