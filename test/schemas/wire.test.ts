// The wire contract that hooks and relay share: ids, signatures, secrets, entity refs, and the schema of the message.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { pushNotification } from '../../schemas/compiled/own.mjs'
import { formatEntityRef, locationRef } from '../../schemas/entity-ref.ts'
import { nearest } from '../../schemas/nearest.ts'
import { formerMessageId } from '../../schemas/notification.ts'
import { parseSecret } from '../../schemas/secret.ts'
import { isSignedBy, sign } from '../../schemas/signature.ts'

const key = Buffer.from('0123456789abcdef0123456789abcdef')
const other = Buffer.alloc(32, 1)
const body = Buffer.from('{"a":"größe"}')

suite('signatures', () => {
  test('as the standardwebhooks package makes and checks them', () => {
    const at = Math.floor(Date.now() / 1000)
    const library = new Webhook(`whsec_${key.toString('base64')}`)
    const ours = sign(key, 'msg_1', at, body)
    assert.equal(ours, library.sign('msg_1', new Date(at * 1000), body))
    library.verify(body, { 'webhook-id': 'msg_1', 'webhook-timestamp': String(at), 'webhook-signature': ours })
  })

  test('any of two keys, any of several signatures', () => {
    const ours = sign(key, 'msg_1', 1_790_000_000, body)
    const theirs = sign(other, 'msg_1', 1_790_000_000, body)
    const is = (keys: Buffer[], header: string) => isSignedBy(keys, 'msg_1', '1790000000', body, header)
    assert.equal(is([key], ours), true)
    assert.equal(is([other, key], ours), true)
    assert.equal(is([key], `${theirs} ${ours}`), true)
    assert.equal(is([key], `v1a,xxx v2,yyy ${ours}`), true)
    assert.equal(is([key], theirs), false)
    assert.equal(is([], ours), false)
  })

  test('nothing changed, nothing left out', () => {
    const ours = sign(key, 'msg_1', 1_790_000_000, body)
    const rows: [string, string, Buffer, string][] = [
      ['msg_2', '1790000000', body, ours],
      ['msg_1', '1790000001', body, ours],
      ['msg_1', '1790000000', Buffer.from('{"a":"grosse"}'), ours],
      ['msg_1', '1790000000', body, ours.slice(0, -2)],
      ['msg_1', '1790000000', body, ours.slice(3)],
      ['msg_1', '1790000000', body, ''],
      ['msg_1', '1790000000', body, 'v1,'],
    ]
    for (const [id, at, bytes, header] of rows)
      assert.equal(isSignedBy([key], id, at, bytes, header), false, `${id} ${at} ${header}`)
  })
})

suite('secrets', () => {
  test('read', () => {
    const secret = parseSecret(` whsec_${key.toString('base64')}\r\n`)
    assert.deepEqual(secret, { result: 'key', key })
  })
  for (const text of [
    '',
    'whsec_',
    'whsec_!!!!',
    `WHSEC_${key.toString('base64')}`,
    'whsec_c2hvcnQ=',
    `whsec_${Buffer.alloc(65).toString('base64')}`,
  ]) {
    test(`refused without being quoted: ${text.slice(0, 12)}`, () => {
      const secret = parseSecret(text)
      assert.equal(secret.result, 'unusable')
      assert.ok(secret.result === 'unusable' && (text.length < 8 || !secret.reason.includes(text.slice(6))))
    })
  }
})

suite('names', () => {
  test('the message id of former hooks', () => {
    const push = { repository: 'acme/payments', ref: 'refs/heads/main', before: '0'.repeat(40), after: '1'.repeat(40) }
    assert.match(formerMessageId(push), /^msg_[0-9a-f]{32}$/)
    assert.equal(formerMessageId(push), formerMessageId({ ...push }))
    assert.notEqual(formerMessageId(push), formerMessageId({ ...push, before: '2'.repeat(40) }))
    // printf 'acme/payments\nrefs/heads/main\n000…\n111…' | sha256sum
    assert.equal(formerMessageId(push), 'msg_a2c9f3fe99caaa1a478c2f2f74cb4df6')
  })
  test('entity refs in lower case; the Location of a URL', () => {
    assert.equal(formatEntityRef({ kind: 'API', namespace: 'Default', name: 'Pay' }), 'api:default/pay')
    assert.equal(
      locationRef('https://ghe.example.com/acme/payments/blob/main/catalog-info.yaml'),
      'location:default/generated-965d73b4b1c70219485d7034a0368545b6e1515f',
    )
  })
  test('the nearest word', () => {
    assert.deepEqual(nearest('metdata', ['metadata']), ['metadata'])
    assert.deepEqual(nearest('abdc', ['abcd']), ['abcd'], 'two letters in the wrong order are one mistake')
    assert.deepEqual(nearest('abxy', ['abcd']), [])
    assert.deepEqual(nearest('a', ['xyz']), [])
    assert.deepEqual(nearest('lifecicle', ['lifecycle', 'owner']), ['lifecycle'])
    assert.equal(nearest('Owner', ['other', 'owner'])[0], 'owner')
    assert.deepEqual(nearest('owner', ['owner']), [])
    assert.deepEqual(nearest('x'.repeat(1_000_000), ['owner']), [])
  })
})

suite('the schema of the message', () => {
  const good = {
    version: 1,
    repository: 'acme/.github',
    ref: 'refs/heads/feature/größe',
    before: '0'.repeat(40),
    after: 'a'.repeat(64),
    files: [{ path: 'a b/catalog-info.yaml', change: 'added' }],
  }
  const wrong: [string, object][] = [
    ['another version', { version: 2 }],
    ['no owner', { repository: 'payments' }],
    ['a way out of the folder', { repository: '../../x' }],
    ['a tag', { ref: 'refs/tags/v1' }],
    ['a short id', { after: 'abc' }],
    ['no files', { files: [] }],
    ['a leading slash', { files: [{ path: '/etc/passwd', change: 'added' }] }],
    ['another change', { files: [{ path: 'a', change: 'renamed' }] }],
    ['a reason without end', { bypass: 'x'.repeat(3000) }],
  ]
  test('fields that it does not know are let through', () =>
    assert.equal(pushNotification({ ...good, later: true, files: [{ ...good.files[0], size: 1 }] }), true))
  for (const [what, change] of wrong)
    test(`refused: ${what}`, () => assert.equal(pushNotification({ ...good, ...change }), false))
})
