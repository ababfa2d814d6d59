import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { MailIcon, MessageSquareText, Pencil, Phone, StickyNote, Trash2, Users } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useFormat } from '../../hooks/format';
import type { Row } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { plainText } from '../../ui/plain-text';
import { StatusBadge } from '../../ui/StatusBadge';
import { communications } from '../entities/work';
import { RecordDrawer } from '../records/RecordDrawer';
import { useRemove } from '../records/use-remove';
import classes from './Message.module.css';
import { RetryMail } from './RetryMail';

const ICONS: Record<string, typeof Phone> = {
  email: MailIcon,
  sms: MessageSquareText,
  phone: Phone,
  meeting: Users,
  note: StickyNote,
};
/** Characters; longer texts are collapsed. */
const SHORT = 280;

/** An email, call or meeting. Emails show their delivery status. */
export function Message({ message }: { message: Row<'communications'> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { people } = usePeople();
  const [isOpen, { toggle }] = useDisclosure();
  const Icon = ICONS[message.type] ?? MessageSquareText;
  const { subject, direction, to_address, cc, created_by, occurred_at, opened_at } = message;
  const text = plainText(message.body ?? '');
  const facts = [
    t(`option.${message.type}`),
    t(`option.${direction}`),
    to_address && t('messages.toWhom', { to: to_address }),
    cc && t('mailing.ccWhom', { cc }),
    format.moment(occurred_at),
    // What the inquiry form or another program wrote has no author among the people.
    people.find(({ id }) => id === created_by)?.displayName,
    opened_at && t('mailing.opened', { when: format.moment(opened_at) }),
  ];
  const title = subject || t(`option.${message.type}`);
  return (
    <section className={classes.message} aria-label={title}>
      <Icon size={17} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        <Group gap="xs">
          <Text fw={550} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Text>
          <Status message={message} />
        </Group>
        <Text size="sm" c="dimmed">
          {facts.filter(Boolean).join(' · ')}
        </Text>
        {text && (
          <Text size="sm" mt={4} className={classes.text}>
            {isOpen || text.length <= SHORT ? text : `${text.slice(0, SHORT)} …`}
          </Text>
        )}
        {text.length > SHORT && (
          <Button size="compact-xs" variant="subtle" aria-expanded={isOpen} onClick={toggle}>
            {isOpen ? t('messages.less') : t('messages.more')}
          </Button>
        )}
        {message.status === 'failed' && <Failure message={message} />}
      </div>
      <Actions message={message} />
    </section>
  );
}

/** Delivery status of sent mail. Messages logged by hand have none. */
function Status({ message }: { message: Row<'communications'> }) {
  const { status } = message;
  if (status === 'logged') return null;
  return <StatusBadge value={status === 'failed' && hasBounced(message) ? 'bounced' : status} />;
}

/** Whether the receiving server rejected the mail permanently. Other failures happened before it was delivered. */
function hasBounced({ failure_reason, provider_message_id }: Row<'communications'>): boolean {
  return provider_message_id !== null || /refused the mail/.test(failure_reason ?? '');
}

function Failure({ message }: { message: Row<'communications'> }) {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <>
      <Text size="sm" c="red" mt={6}>
        {message.failure_reason} {hasBounced(message) ? t('messages.bouncedToDo') : t('messages.failedToDo')}
      </Text>
      {may('sales') && message.type === 'email' && <RetryMail message={message} />}
    </>
  );
}

/** Messages logged by hand can be edited; sent mail cannot. */
function Actions({ message }: { message: Row<'communications'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const { remove } = useRemove(communications);
  const [editing, { open, close }] = useDisclosure();
  if (!may('sales') || message.status !== 'logged') return null;
  return (
    <Group gap={4} wrap="nowrap">
      <Tooltip label={t('edit')}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('edit')} onClick={open}>
          <Pencil size={15} />
        </ActionIcon>
      </Tooltip>
      {may('delete') && (
        <Tooltip label={t('delete')}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('delete')}
            onClick={() => remove([message.id])}
          >
            <Trash2 size={15} />
          </ActionIcon>
        </Tooltip>
      )}
      <RecordDrawer entity={communications} record={message} opened={editing} onClose={close} />
    </Group>
  );
}
