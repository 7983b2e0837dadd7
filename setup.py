"""What pyproject.toml cannot say: a plug-in goes into Twisted's own plug-in package.

`twisted` and `twisted.plugins` stay Twisted's: nothing of theirs is installed over.
"""

from setuptools import find_namespace_packages, setup

setup(
    # Said although it is so anyway: `pip install -e` then puts the checkout itself on
    # Python's path, where Twisted finds the plug-in.
    package_dir={"": "."},
    packages=find_namespace_packages(
        include=["flexicharge", "flexicharge.*", "twisted.plugins"],
        exclude=["*.__pycache__"],
    ),
    package_data={
        "flexicharge.simulator.scenario.shipped": ["*.yaml"],
        "flexicharge.storage.migrations": ["*.sql"],
    },
)
