"""SmoothGrad and saliency by PyTorch, and SmoothGrad by Captum where it is installed, on the clock:
`python speed_server.py DEVICE THREADS`. DEVICE is `cpu`, `cuda` or `gpu` (whichever GPU PyTorch can use, else the CPU).

The first line on standard output is `{"ready":true,"torch":"…","captum":"…"|null,"device":"…"}`; then every line of
JSON is answered by one:

    {"run":"load","folder":"…/networks/vgg16"}                                   → {"loaded":true}
    {"run":"smooth-grad"|"channels-last"|"captum","shape":[1,3,32,32],"x":[…],"class":5,"samples":8,"batch":4,
     "fraction":0.15,"noise":[…]|null,"answer":false}                            → {"milliseconds":…,"values":[…]|null}
    {"run":"saliency","shape":[1,3,32,32],"x":[…],"class":5,"answer":false}      → {"milliseconds":…,"values":[…]|null}
    {"run":"product","size":1024}                                                → {"milliseconds":…}

or `{"error":"…"}`. The network is the one that the other contestants run: `touchstone` (tools/python) must be on
PYTHONPATH. Its weights require no gradient, because an explanation needs none. `values` are the mean of the gradients
of one logit, [1,C,H,W], or the map of saliency, [1,1,H,W].
"""

import json
import os
import sys
import time
from importlib.metadata import PackageNotFoundError, version

# Before PyTorch, which takes seconds to load: from here on this process ends with its parent.
import touchstone  # noqa: F401, I001
import torch

from touchstone.network.load import load_network


def sigma_of(x, fraction):
    return fraction * (x.max() - x.min())


def smooth_grad(network, x, chosen, request, noise, layout=torch.contiguous_format):
    """The mean gradient over noisy copies, `batch` at a time. Like the method it also computes the image's scores."""
    samples, batch = request["samples"], request["batch"]
    sigma = sigma_of(x, request["fraction"])
    total = torch.zeros_like(x)
    for first in range(0, samples, batch):
        count = min(batch, samples - first)
        epsilon = (
            noise[first : first + count] if noise is not None else torch.randn((count, *x.shape[1:]), device=x.device)
        )
        noisy = (x + sigma * epsilon).contiguous(memory_format=layout).requires_grad_()
        (gradient,) = torch.autograd.grad(network(noisy)[:, chosen].sum(), noisy)
        total += gradient.sum(0, keepdim=True)
    with torch.no_grad():
        network(x.contiguous(memory_format=layout))
    return total / samples


def channels_last(*question):
    """The same as its users tune it: convolutions are faster where the channels of a pixel are neighbours."""
    return smooth_grad(*question, layout=torch.channels_last)


def captum(network, x, chosen, request, _noise):
    """The same by Captum's NoiseTunnel around Saliency, which draws its own noise."""
    from captum.attr import NoiseTunnel, Saliency

    average = NoiseTunnel(Saliency(network)).attribute(
        x.clone().requires_grad_(),
        nt_type="smoothgrad",
        nt_samples=request["samples"],
        nt_samples_batch_size=request["batch"],
        stdevs=float(sigma_of(x, request["fraction"])),
        target=chosen,
        abs=False,
    )
    with torch.no_grad():
        network(x)
    return average


def saliency(network, x, chosen, _request, _noise):
    """The largest absolute value of the gradient over the channels."""
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(network(x)[:, chosen].sum(), x)
    return gradient.abs().amax(1, keepdim=True)


def device_of(name):
    """`gpu` is the GPU that PyTorch can use; the CPU where there is none."""
    if name != "gpu":
        return name
    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


class Server:
    def __init__(self, device):
        self.device = torch.device(device)
        self.network = None
        self.folder = None

    def answer(self, request):
        run = request["run"]
        if run == "load":
            if request["folder"] != self.folder:
                self.network = None  # two large networks at once would be one too many
                self.network = load_network(request["folder"]).requires_grad_(False).to(self.device)
                self.folder = request["folder"]
            return {"loaded": True}
        if run == "product":
            row = torch.arange(request["size"], device=self.device) / request["size"]
            a = row[:, None] + row
            return {"milliseconds": self.timed(lambda: a @ a)[0]}
        x = torch.tensor(request["x"], dtype=torch.float32, device=self.device).reshape(request["shape"])
        noise = None
        if request.get("noise") is not None:
            noise = torch.tensor(request["noise"], dtype=torch.float32, device=self.device).reshape(-1, *x.shape[1:])
        methods = {"smooth-grad": smooth_grad, "channels-last": channels_last, "captum": captum, "saliency": saliency}
        self.network.to(memory_format=torch.channels_last if run == "channels-last" else torch.contiguous_format)
        milliseconds, values = self.timed(lambda: methods[run](self.network, x, request["class"], request, noise))
        return {"milliseconds": milliseconds, "values": values.flatten().tolist() if request["answer"] else None}

    def timed(self, run):
        """Until the answer is in plain memory."""
        start = time.perf_counter()
        result = run().detach().cpu()
        milliseconds = (time.perf_counter() - start) * 1000
        wait_for_silence()
        return milliseconds, result


def wait_for_silence():
    """Until this process uses no processor time: threads that spin would slow down whoever is measured next."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        before = time.process_time()
        time.sleep(0.02)
        if time.process_time() - before < 0.002:
            return


def captum_version():
    """Without loading it, which would take longer than a start of PyTorch alone."""
    try:
        return version("captum")
    except PackageNotFoundError:
        return None


def main(device, threads):
    torch.set_num_threads(threads)
    # float32 means float32, as everywhere else here.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    # Only answers may reach standard output: whatever a library prints goes to standard error.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    write = lambda answer: print(json.dumps(answer), file=out, flush=True)  # noqa: E731
    server = Server(device)
    write(
        {
            "ready": True,
            "torch": torch.__version__,
            "captum": captum_version(),
            "device": f"{device}, {threads} threads",
        }
    )
    for line in sys.stdin:
        try:
            write(server.answer(json.loads(line)))
        except Exception as error:  # one bad request must not end the server
            write({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main(device_of(sys.argv[1]), int(sys.argv[2]))
