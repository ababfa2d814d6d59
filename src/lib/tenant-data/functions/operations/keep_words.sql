-- Users cannot change a message that was sent, or another user's note.
create or replace function tenancy.keep_words() returns trigger
  language plpgsql
as $$
begin
  if tenancy.is_user() then
    if tg_table_name = 'notes' then
      perform tenancy.refuse(403, 'This note was written by another user.', null, 'Add your own note.');
    else
      perform tenancy.refuse(409, 'The message was sent and can no longer be changed.', null, 'Write another message.');
    end if;
  end if;
  return new;
end
$$;
revoke execute on function tenancy.keep_words() from public;
