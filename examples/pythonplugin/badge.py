"""A plugin in Python: it logs in with a badge and its code, at a broker of the company.

It speaks version 2 of the contract (docs/plugin-contract.md) with Debian's python3-grpcio,
python3-protobuf and python3-cryptography; authenticator_pb2 and goplugin_pb2 are what protoc makes
of plugins/contract. README.md builds one file of it all.
"""
import base64, datetime, json, os, queue, ssl, sys, threading, time, urllib.error, urllib.request
from concurrent import futures

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import authenticator_pb2 as pb
import goplugin_pb2 as broker_pb

HOST = os.environ.get("PLUGIN_CLIENT_CERT", "").encode()  # the host's certificate, in PEM form
prompts = queue.Queue()  # where the host serves its prompts, one address for each login
ended = threading.Event()  # the host has closed the connection


def identity():
    """Makes a key and a certificate that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.utcnow()
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=3650))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256()))
    return (key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
            made.public_bytes(serialization.Encoding.PEM), made.public_bytes(serialization.Encoding.DER))


KEY, CERTIFICATE, DER = identity()


class Failed(Exception):
    """What came of a login that failed, as the contract has it."""

    def __init__(self, code, reason, hint, **more):
        self.failure = pb.Failure(code=code, reason=reason, hint=hint, **more)


def setting(login, name, default=None):
    return next((s.value for s in login.settings if s.name == name and s.value), default)


def badge(login):
    """Returns the number of the badge: that in the reader, or of the variable, or of the profile."""
    if reader := setting(login, "reader"):
        with open(reader) as number:
            return number.read().strip()
    return setting(login, "ACME_BADGE", login.username)


def check(login):
    if not setting(login, "broker_url"):
        raise Failed(pb.Failure.CODE_UNAVAILABLE, "no broker is set", "add broker_url to the settings of the plugin")
    if not login.asking.ask_secret:
        reason = login.asking.non_interactive or "not a terminal"
        raise Failed(pb.Failure.CODE_UNAVAILABLE, "cannot prompt: " + reason, "log in from a terminal")
    if not badge(login):
        raise Failed(pb.Failure.CODE_UNAVAILABLE, "there is no badge", "set ACME_BADGE, or a reader")


def ask(login, label):
    """Has the host ask its user for a secret."""
    info = prompts.get(timeout=5)
    while info.service_id != login.asking.prompt:
        info = prompts.get(timeout=5)
    trust = grpc.ssl_channel_credentials(HOST, KEY, CERTIFICATE)
    with grpc.secure_channel("unix:" + info.address, trust, [("grpc.ssl_target_name_override", "localhost")]) as channel:
        call = channel.unary_unary("/taegis.plugin.v1.Prompt/AskSecret", pb.AskRequest.SerializeToString, pb.AskResponse.FromString)
        try:
            return call(pb.AskRequest(label=label)).answer
        except grpc.RpcError as error:
            raise Failed(pb.Failure.CODE_CANCELLED, "no code was given: " + error.details(), "log in again")


def fetch(login, number, code):
    """Asks the broker for a token, by the host's proxies and certificate authorities."""
    proxies = {"https": login.network.https_proxy, "http": login.network.http_proxy}
    trust = ssl.create_default_context(cadata=login.network.ca_pem.decode() or None)
    os.environ["no_proxy"] = login.network.no_proxy + ",localhost,127.0.0.1"  # urllib reads it there
    reach = urllib.request.build_opener(urllib.request.ProxyHandler({k: v for k, v in proxies.items() if v}),
                                        urllib.request.HTTPSHandler(context=trust))
    body = json.dumps({"badge": number, "code": code, "environment": login.environment.canonical}).encode()
    request = urllib.request.Request(setting(login, "broker_url"), body, {"Content-Type": "application/json"})
    try:
        with reach.open(request, timeout=login.timeout.seconds or 30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        code = pb.Failure.CODE_DENIED if error.code == 403 else pb.Failure.CODE_FAILED
        raise Failed(code, f"the broker answered {error.code}", "check the badge and its code", status=error.code)
    except OSError as error:
        cause = pb.Cause(kind=pb.Cause.KIND_REFUSED if "refused" in str(error) else pb.Cause.KIND_UNSPECIFIED, reason=str(error))
        raise Failed(pb.Failure.CODE_TRANSIENT, "the broker does not answer", "check broker_url and the network",
                     host=request.host, cause=cause)


def describe(request, context):
    return pb.DescribeResponse(settings=["broker_url", "reader"], env=["ACME_BADGE"], version="1.0.0", vendor="ACME", prompts=True)


def account(request, context):
    try:
        check(request.login)
        return pb.AccountResponse(account=badge(request.login) if setting(request.login, "reader") else "")
    except Failed as failed:
        return pb.AccountResponse(failure=failed.failure)


def authenticate(login, context):
    try:
        check(login)
        number = badge(login)
        answer = fetch(login, number, ask(login, f"Code of badge {number}:"))
        response = pb.AuthenticateResponse(account=number if setting(login, "reader") else "")
        response.token.access_token = answer["access_token"]
        response.token.expiry.FromSeconds(int(time.time()) + answer["expires_in"])
        return response
    except Failed as failed:
        return pb.AuthenticateResponse(failure=failed.failure)


def start_stream(addresses, context):
    context.add_callback(ended.set)  # the stream ends with the connection
    for info in addresses:
        prompts.put(info)
    yield from ()


def unary(function, request, response):
    return grpc.unary_unary_rpc_method_handler(function, request.FromString, response.SerializeToString)


def main():
    if os.environ.get("TAEGIS_PLUGIN") != "taegis-authenticator":
        sys.exit("This program logs in to Taegis as a plugin; it does nothing by itself.")
    server = grpc.server(futures.ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers((
        grpc.method_handlers_generic_handler("taegis.plugin.v1.Authenticator", {
            "Describe": unary(describe, pb.DescribeRequest, pb.DescribeResponse),
            "Account": unary(account, pb.AccountRequest, pb.AccountResponse),
            "Authenticate": unary(authenticate, pb.AuthenticateRequest, pb.AuthenticateResponse)}),
        grpc.method_handlers_generic_handler("plugin.GRPCBroker", {"StartStream": grpc.stream_stream_rpc_method_handler(
            start_stream, broker_pb.ConnInfo.FromString, broker_pb.ConnInfo.SerializeToString)})))
    address = os.path.join(os.environ["PLUGIN_UNIX_SOCKET_DIR"], "plugin")
    server.add_secure_port("unix:" + address, grpc.ssl_server_credentials([(KEY, CERTIFICATE)], HOST, True))
    server.start()
    print(f"1|2|unix|{address}|grpc|{base64.b64encode(DER).decode().rstrip('=')}", flush=True)
    ended.wait()
    server.stop(0)
    os._exit(0)  # whatever a login is busy with


main()
