module dvflow.io/containerimage-server

go 1.26.0
