-- Users cannot change a message that was sent, or another user's note.
create or replace function tenancy.keep_words() returns trigger
  language plpgsql
as $$
begin
  if current_user in ('authenticated', 'authenticated_manager') then
    if tg_table_name = 'notes' then
      perform tenancy.refuse(403, 'This note was written by another user.', null, 'Add your own note.');
    else
      perform tenancy.refuse(409, 'The message was sent and no longer changes.', null, 'Write another message.');
    end if;
  end if;
  return new;
end
$$;
revoke execute on function tenancy.keep_words() from public;
